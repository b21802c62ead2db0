/**
 * The owners' approvals: for each plugin one setting of the control database, with the digest of the approved code.
 */
import { z } from 'zod';
import type { SharedRepositories } from '../../storage/shared/repositories';

const schema = z.strictObject({
	/** SHA-256 of the folder, in hex. */
	digest: z.string(),
	/** In ms. */
	at: z.number(),
	/** `kind:id` of who approved. */
	by: z.string(),
});
export type Approval = z.output<typeof schema>;

const nameOf = (id: string) => `plugin-code:${id}`;
type Repositories = Pick<SharedRepositories, 'settings'>;

export async function findApproval({ settings }: Repositories, id: string): Promise<Approval | undefined> {
	return schema.safeParse(await settings.find(nameOf(id))).data;
}

export async function saveApproval(
	{ settings }: Repositories,
	id: string,
	approval: Approval,
): Promise<void> {
	await settings.save(nameOf(id), approval, approval.at);
}

export async function removeApproval({ settings }: Repositories, id: string): Promise<void> {
	await settings.delete(nameOf(id));
}
