/** The order in which plugins are listed, and in which a sign-in page offers them. */
import type { Kind, Manifest } from '../../plugin-kit';

interface Placed {
	id: string;
	/** The operator's place, counted from one; 0 where it was not moved. */
	position: number;
	manifest: Pick<Manifest, 'kinds'>;
}

/** The order where the operator set none: forms to fill in first, methods that only some devices support last. */
const kindsInOrder: readonly Kind[] = ['secret', 'code', 'redirect', 'scan', 'ceremony'];

function rankOf({ manifest: { kinds } }: Placed): number {
	const rank = kindsInOrder.findIndex((kind) => kinds.includes(kind));
	return rank < 0 ? kindsInOrder.length : rank;
}

export const byPlace = (a: Placed, b: Placed): number =>
	a.position - b.position || rankOf(a) - rankOf(b) || (a.id < b.id ? -1 : 1);
