/** The order in which plugins are listed, and in which a sign-in page offers them. */
import type { Kind, Manifest } from '../../plugin-kit';

interface Placed {
	id: string;
	/** As the operator has it, counted from one; 0 where nobody moved it. */
	position: number;
	manifest: Pick<Manifest, 'kinds'>;
}

/** Where the operator put none before the others: a form to fill in first, what only some devices can last. */
const kindsInOrder: readonly Kind[] = ['secret', 'code', 'redirect', 'scan', 'ceremony'];

function rankOf({ manifest: { kinds } }: Placed): number {
	const rank = kindsInOrder.findIndex((kind) => kinds.includes(kind));
	return rank < 0 ? kindsInOrder.length : rank;
}

export const byPlace = (a: Placed, b: Placed): number =>
	a.position - b.position || rankOf(a) - rankOf(b) || (a.id < b.id ? -1 : 1);
