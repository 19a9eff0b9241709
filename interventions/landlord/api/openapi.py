"""The API as OpenAPI 3.1 says it (tests hold the answers to it)."""

from typing import Any

from interventions.models import Status

Schema = dict[str, Any]


def thing(**properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def list_of(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def page_of(name: str) -> Schema:
    return thing(items=list_of(ref(name)), next_cursor={"type": ["string", "null"]})


def asked(name: str, schema: Schema, said: str) -> Schema:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": said}


def read(said: str, answer: Schema, *, parameters: list[Schema], problems: tuple[int, ...]) -> Schema:
    return {
        "get": {
            "summary": said,
            "parameters": parameters,
            "responses": {
                "200": {"description": said, "content": {"application/json": {"schema": answer}}},
                **{str(status): {"$ref": "#/components/responses/Problem"} for status in (401, *problems, 429)},
            },
        }
    }


TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
MAYBE_A_MOMENT: Schema = {"type": ["string", "null"], "format": "date-time"}
MAYBE_A_NUMBER: Schema = {"type": ["integer", "null"], "description": "null : non publié"}
STATUS: Schema = {"type": "string", "enum": list(Status.values)}

PAGES = [
    asked("cursor", TEXT, "Le next_cursor de la page précédente."),
    asked("limit", {"type": "integer", "minimum": 1, "maximum": 100, "default": 50}, "Combien au plus."),
]

DOCUMENT: Schema = {
    "openapi": "3.1.0",
    "info": {
        "title": "Interventions de votre patrimoine",
        "version": "1",
        "description": "En lecture seule. 120 demandes par minute. Aucune donnée d’identité n’y figure.",
    },
    "servers": [{"url": "/api/bailleur/v1"}],
    "security": [{"token": []}],
    "paths": {
        "/interventions": read(
            "Les interventions, dans l’ordre de leur ouverture",
            page_of("Intervention"),
            parameters=[
                asked("since", MOMENT, "Ouvertes depuis cet instant."),
                asked("until", MOMENT, "Ouvertes avant cet instant."),
                asked("state", {"type": "string", "enum": ["open", "ended"]}, "En cours, ou terminées."),
                *PAGES,
            ],
            problems=(422,),
        ),
        "/interventions/{id}": read(
            "Une intervention",
            ref("Intervention"),
            parameters=[{"name": "id", "in": "path", "required": True, "schema": NUMBER}],
            problems=(404,),
        ),
        "/residences": read("Les résidences", page_of("Residence"), parameters=PAGES, problems=(422,)),
        "/figures": read(
            "Les chiffres publiés d’une année",
            ref("Figures"),
            parameters=[asked("year", NUMBER, "L’année en cours si rien n’est dit.")],
            problems=(404, 422),
        ),
    },
    "components": {
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        "responses": {
            "Problem": {
                "description": "Un refus, et pourquoi (RFC 9457)",
                "content": {"application/problem+json": {"schema": ref("Problem")}},
            }
        },
        "schemas": {
            "Problem": {
                "type": "object",
                "properties": {"type": TEXT, "title": TEXT, "status": NUMBER, "errors": {"type": "object"}},
                "required": ["type", "title", "status"],
            },
            "Residence": thing(id=NUMBER, reference=TEXT, name=TEXT, address=TEXT, sector=TEXT),
            "Intervention": thing(
                id=NUMBER,
                reference=TEXT,
                residence=ref("Residence"),
                place=TEXT,
                problem=TEXT,
                status=STATUS,
                status_label=TEXT,
                due_at=MOMENT,
                opened_at=MOMENT,
                ended_at=MAYBE_A_MOMENT,
                steps=list_of(thing(status=STATUS, at=MOMENT)),
            ),
            "Line": thing(
                key=TEXT, label=TEXT, cells=list_of(MAYBE_A_NUMBER), total=MAYBE_A_NUMBER, level={"enum": [0, 1]}
            ),
            "Table": thing(
                key=TEXT,
                title=TEXT,
                columns=list_of(TEXT),
                lines=list_of(ref("Line")),
                sums=list_of(NUMBER),
                total=MAYBE_A_NUMBER,
            ),
            "Figures": thing(
                year=NUMBER,
                months=list_of(TEXT),
                volume=list_of(NUMBER),
                total=MAYBE_A_NUMBER,
                tables={"type": "object", "additionalProperties": ref("Table")},
            ),
        },
    },
}
