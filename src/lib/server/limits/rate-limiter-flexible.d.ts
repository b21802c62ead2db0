/** The two files of the library that a custom store is built on; its own types cover only the main entry point. */
declare module 'rate-limiter-flexible/lib/RateLimiterRes.js' {
	export { RateLimiterRes as default } from 'rate-limiter-flexible';
}
declare module 'rate-limiter-flexible/lib/RateLimiterStoreAbstract.js' {
	import type { IRateLimiterOptions, RateLimiterRes } from 'rate-limiter-flexible';
	/** A limiter over a store: subclasses say how a counter is read, raised and deleted. */
	export default abstract class RateLimiterStoreAbstract {
		constructor(options: IRateLimiterOptions);
		readonly points: number;
		get(key: string): Promise<RateLimiterRes | null>;
		penalty(key: string, points?: number): Promise<RateLimiterRes>;
		delete(key: string): Promise<boolean>;
	}
}
