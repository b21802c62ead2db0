/** docs/config.md, from the table of variables and the schema of the apply file. */
import { format } from 'prettier';
import { z } from 'zod';
import { variables } from '../../src/lib/server/config/environment';
import { applySchema } from '../../src/lib/server/flows/apply/schema';

interface Schema {
	type?: string;
	description?: string;
	default?: unknown;
	enum?: unknown[];
	const?: unknown;
	minimum?: number;
	maximum?: number;
	format?: string;
	not?: unknown;
	anyOf?: Schema[];
	items?: Schema;
	properties?: Record<string, Schema>;
	additionalProperties?: Schema | boolean;
}

const jsonSchema = (schema: z.ZodType) =>
	z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Schema;
const code = (value: unknown) => `\`${String(value)}\``;
const row = (...cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

function environmentRows(): string[] {
	return Object.entries(variables).map(([name, entry]) => {
		const preset = jsonSchema(entry.schema).default;
		const file = 'secret' in entry ? ` Or ${code(`${name}_FILE`)}.` : '';
		const later = 'later' in entry ? ' **No effect in this version.**' : '';
		return row(code(name), preset === undefined ? '' : code(preset), entry.about + file + later);
	});
}

function typeOf(schema: Schema): string {
	if (schema.not) return 'not available';
	if (schema.const !== undefined) return code(schema.const);
	if (schema.enum) return schema.enum.map(code).join(', ');
	if (schema.anyOf)
		return [...new Set(schema.anyOf.map(typeOf))].filter((type) => type !== '``').join(' or ');
	if (schema.type === 'array')
		return `list of ${schema.items?.properties ? 'objects' : typeOf(schema.items ?? {})}`;
	if (schema.type === 'integer') return `whole number${range(schema)}`;
	if (schema.type === 'string') return schema.format === 'email' ? 'email' : 'text';
	return { boolean: '`true` or `false`', number: 'number', object: 'object' }[schema.type ?? ''] ?? '';
}

function range({ minimum, maximum }: Schema): string {
	return minimum !== undefined && maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER
		? `, ${minimum} to ${maximum}`
		: '';
}

/** One row a setting, its path written as people would say it: `apps[].clients[].id`. */
function applyRows(schema: Schema, path = ''): string[] {
	return Object.entries(schema.properties ?? {}).flatMap(([key, field]) => {
		const name = path ? `${path}.${key}` : key;
		const own = row(code(name), typeOf(field), field.description ?? '');
		const inner = typeof field.additionalProperties === 'object' ? field.additionalProperties : undefined;
		if (field.items?.properties) return [own, ...applyRows(field.items, `${name}[]`)];
		if (inner?.properties) return [own, ...applyRows(inner, `${name}.<id>`)];
		return [own, ...applyRows(field, name)];
	});
}

/** The file as it is in docs/, formatted. */
export function configDocs(): Promise<string> {
	const text = `# Configuration

This page is generated (\`npm run docs\`): it cannot differ from what the appliance reads.

## Environment

Read once, at the start. An unknown \`MENSHEN_…\` name or a bad value stops the start with one line that says which and why.
A variable with a \`_FILE\` form may name a file that holds the value instead; set one of the two, not both.

| variable | default | meaning |
|---|---|---|
${environmentRows().join('\n')}

## The apply file

\`menshen apply FILE\` brings a running appliance to what a YAML file says; \`MENSHEN_APPLY=FILE\` does so at each start.
Applying twice changes nothing the second time, and \`--dry-run\` tells what would be done.

- The file is read and checked whole before anything is done. What is wrong is told with its line.
- What the file does not name is left alone.
- Lists grow. With \`prune: true\` – for the whole file, an app, a client, a role or a user – the lists that the file names
  become exactly what it says: addresses, permissions, a user's roles, and the clients of an app.
  Apps, users and roles are never removed by a file.
- A user's \`password\` is set when the user is made, and never touched again.
- Hosts that the file names in a plugin's settings may be reached although they are private.

| setting | value | meaning |
|---|---|---|
${applyRows(jsonSchema(applySchema)).join('\n')}
`;
	return format(text, { parser: 'markdown', printWidth: 110 });
}
