/** The merges that a user was part of, with the other account's name. */
import { listMerges } from '../external/merge-users';
import type { AppServices } from '../services';

export interface MergeView {
	id: string;
	/** True where this user stayed; else it was merged into the other one. */
	stayed: boolean;
	other: { id: string; name: string };
	createdAt: number;
	undoneAt: number | null;
}

/** Newest first. An account that was deleted since is called by its id. */
export async function readMerges(services: Pick<AppServices, 'store'>, userId: string): Promise<MergeView[]> {
	const merges = await listMerges(services, userId);
	const otherOf = ({ keptUser, goneUser }: (typeof merges)[number]) =>
		keptUser === userId ? goneUser : keptUser;
	const others = await services.store.read.users.listByIds(merges.map(otherOf));
	return merges.map((merge) => {
		const id = otherOf(merge);
		const user = others.find((each) => each.id === id);
		const name = user?.name || user?.username || user?.email || user?.phone || id;
		const { createdAt, undoneAt } = merge;
		return { id: merge.id, stayed: merge.keptUser === userId, other: { id, name }, createdAt, undoneAt };
	});
}
