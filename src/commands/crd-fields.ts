interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

interface Definition {
  readonly spec?: {
    readonly versions?: readonly { readonly schema?: { readonly openAPIV3Schema?: Schema } }[];
  };
}

/** The fields of a kind, as paths: `spec.deploy.rollbackTo`. */
export function fieldsOf(definition: object): Set<string> {
  const [version] = (definition as Definition).spec?.versions ?? [];
  const found = new Set<string>();
  collect(version?.schema?.openAPIV3Schema ?? {}, '', found);
  return found;
}

function collect(schema: Schema, path: string, found: Set<string>): void {
  if (schema.items) collect(schema.items, `${path}[]`, found);
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const at = path ? `${path}.${name}` : name;
    found.add(at);
    collect(field, at, found);
  }
}
