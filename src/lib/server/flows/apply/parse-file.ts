/** From YAML to the desired configuration. Every error is reported with its line, before anything is done. */
import { isMap, isNode, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import { fileRefusal, nameOf, type ParsedFile, type Path } from './place';
import { applySchema } from './schema';

const mostCharacters = 5_000_000;

function offsetOf(document: Document, path: Path): number {
	for (let length = path.length; length > 0; length--) {
		const [parent, key] = [path.slice(0, length - 1), path[length - 1]];
		const holder: unknown = length === 1 ? document.contents : document.getIn(parent, true);
		// The key's own line: a value may begin on a later one.
		const pair = isMap(holder)
			? holder.items.find((item) => isScalar(item.key) && item.key.value === key)
			: undefined;
		const node: unknown = pair?.key ?? document.getIn(path.slice(0, length), true);
		if (isNode(node) && node.range) return node.range[0];
	}
	return 0;
}

interface Issue {
	readonly code: string;
	readonly path: Path;
	readonly message: string;
	readonly keys?: readonly string[];
	readonly errors?: readonly (readonly Issue[])[];
}

function describe({ code, message, keys = [] }: Issue): string {
	return code === 'unrecognized_keys'
		? `there is no setting ${keys.map((key) => `"${key}"`).join(', ')}`
		: message;
}

const placeOf = (issue: Issue): Path =>
	issue.keys?.[0] === undefined ? issue.path : [...issue.path, issue.keys[0]];

/** @throws Refusal config/invalid with the line, the place and what is wrong there */
export function parseFile(text: string): ParsedFile {
	if (text.length > mostCharacters) throw fileRefusal(`the file is larger than ${mostCharacters} characters`);
	const lines = new LineCounter();
	const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
	const [broken] = document.errors;
	if (broken) throw fileRefusal(`line ${lines.linePos(broken.pos[0]).line}: ${broken.message}`);
	const lineOf = (path: Path) => lines.linePos(offsetOf(document, path)).line;
	const result = applySchema.safeParse(plainOf(document) ?? {});
	if (result.success) return { file: result.data, lineOf };
	const issue = result.error.issues[0] as Issue | undefined;
	if (!issue) throw fileRefusal('the file is not valid');
	const place = placeOf(issue);
	throw fileRefusal(`line ${lineOf(place)}: ${nameOf(issue.path) || 'the file'}: ${describe(issue)}`);
}

function plainOf(document: Document): unknown {
	try {
		// A file of a few lines must not unfold into gigabytes.
		return document.toJS({ maxAliasCount: 100 });
	} catch (error) {
		throw fileRefusal(error instanceof Error ? error.message : 'the file cannot be read', error);
	}
}
