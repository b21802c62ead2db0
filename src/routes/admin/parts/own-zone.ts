/** The operator's time zone for all components that show a time; set by the layout of the console. */
import { createContext } from 'svelte';

export const [ownZone, giveZone] = createContext<{
	/** An IANA name; absent until a browser has sent one. */
	readonly current: string | undefined;
}>();
