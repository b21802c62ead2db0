/** The operator's time zone for all that shows a time: the layout of the console finds it out. */
import { createContext } from 'svelte';

export const [ownZone, giveZone] = createContext<{
	/** An IANA name; absent until a browser has told one. */
	readonly current: string | undefined;
}>();
