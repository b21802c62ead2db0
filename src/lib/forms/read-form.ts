/**
 * Reads a posted form within limits, before anything costly is done with it. Plain on purpose: the flows validate
 * the values for every caller, so a second schema here could only disagree with them.
 */
import { Refusal, type ErrorCode } from '../contract/errors';
import { formFields, isSecretField, type FormField } from './form-fields';

/** Many times the size of any of our forms. */
const mostBytes = 64 * 1024;

export type Typed<Name extends FormField> = Readonly<Record<Name, string>>;

async function parseBody(request: Request): Promise<FormData> {
	if (Number(request.headers.get('content-length') ?? 0) > mostBytes) throw new Refusal('input/too-large');
	try {
		return await request.formData();
	} catch (cause) {
		// The server in front cuts off a body without a content length.
		const tooLarge = (cause as { status?: unknown } | null)?.status === 413;
		throw new Refusal(tooLarge ? 'input/too-large' : 'input/invalid', { cause });
	}
}

function faultOf(field: FormField, value: string): ErrorCode | undefined {
	if (value.length > formFields[field])
		return field === 'password' || field === 'newPassword' ? 'password/too-long' : 'input/too-large';
	// No text of ours holds NUL, and PostgreSQL accepts none.
	return value.includes('\0') ? 'input/invalid' : undefined;
}

/**
 * The named fields; absent ones and files are empty. Values are as typed, untrimmed.
 * @throws Refusal input/too-large, input/invalid, password/too-long with the field at fault
 */
export async function readForm<const Name extends FormField>(
	request: Request,
	names: readonly Name[],
): Promise<Typed<Name>> {
	const body = await parseBody(request);
	const entries = names.map((name) => {
		const value = body.get(name);
		const text = typeof value === 'string' ? value : '';
		const code = faultOf(name, text);
		if (code) throw new Refusal(code, { fields: { [name]: code }, params: { max: formFields[name] } });
		return [name, text] as const;
	});
	return Object.fromEntries(entries) as Typed<Name>;
}

/** What may be shown again after an error. */
export function keptOf(typed: Readonly<Partial<Record<FormField, string>>>): Record<string, string> {
	const kept = Object.entries(typed).filter(([name]) => !isSecretField(name as FormField));
	return Object.fromEntries(kept);
}
