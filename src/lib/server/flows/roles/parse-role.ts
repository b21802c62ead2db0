/** Validates what an operator typed for a role. The apply file has the same bounds. */
import { z } from 'zod';
import { Refusal } from '../../../contract/errors';
import type { Role } from '../../storage/app/roles';

const roleSchema = z.strictObject({
	id: z.string().regex(/^[\w.-]{1,64}$/),
	name: z.string().trim().max(80),
	permissions: z.array(z.string().trim().min(1).max(128)).max(200),
});

/** A role without a name is called by its id. @throws Refusal input/invalid with the fields at fault */
export function parseRole(input: { id: string; name: string; permissions: string[] }): Role {
	const result = roleSchema.safeParse(input);
	if (result.success) return { ...result.data, name: result.data.name || result.data.id };
	const fields = result.error.issues.map(
		(issue) => [String(issue.path[0] ?? 'id'), 'input/invalid'] as const,
	);
	throw new Refusal('input/invalid', { fields: Object.fromEntries(fields) });
}
