/** Vendors on this machine, as the apply file and the environment of the appliance under attack name them. */
import type { Emulator } from '../../src/lib/plugin-kit/emulator';
import { answerAt } from '../emulators/consent';
import { endpointsEnv, enterRedirectUris } from '../emulators/vendors';
import { Browser, type Page } from '../conformance/browser';
import { app, oneApp, startTarget, type Target } from './target';

type Vendors = Readonly<Record<string, Emulator>>;

/** A line for an app of an apply file: these connectors, and `more` that need no vendor. */
export function connectorsLine(vendors: Vendors, more: readonly string[] = []): string {
	const settings = Object.entries(vendors).map(
		([id, { config }]) => [id, { enabled: true, config }] as const,
	);
	const others = more.map((id) => [id, { enabled: true }] as const);
	return `    connectors: ${JSON.stringify(Object.fromEntries([...settings, ...others]))}\n`;
}

/** One app with alice and with these ways in. */
export async function startWithVendors(
	vendors: Vendors,
	{
		more = [],
		lines = '',
		env = {},
	}: { more?: readonly string[]; lines?: string; env?: Record<string, string> } = {},
): Promise<Target> {
	const target = await startTarget({
		apply: `${oneApp}${connectorsLine(vendors, more)}${lines}`,
		env: { ...endpointsEnv(vendors), ...env },
	});
	enterRedirectUris(vendors, { origin: target.origin, apps: [app] });
	return target;
}

/** A person's browser, with its redirects to a vendor. */
export class Visitor extends Browser {
	readonly #target: Target;
	readonly #app: number;

	constructor(target: Target, at = app) {
		super(target.origin);
		this.#target = target;
		this.#app = at;
	}

	at(path: string): string {
		return `${this.#target.origin}/apps/${this.#app}${path}`;
	}

	/** Chooses a connector at the sign-in page. @returns the vendor's page */
	async leaveFor(connector: string, more: Record<string, string> = {}): Promise<string> {
		const page = await this.open(this.at('/sign-in'), { connector, ...more });
		if (!page.left)
			throw new Error(`${connector} was not left for: ${page.status} ${page.url.href} ${page.body}`);
		return page.url.href;
	}

	/** Approves there. @returns where the vendor sends the browser back to */
	async approve(connector: string, as: 'Mei' | 'Li' | 'Cancel' = 'Mei'): Promise<string> {
		const query = await answerAt(await this.leaveFor(connector), as);
		return this.at(`/connect/${connector}/callback?${new URLSearchParams(query).toString()}`);
	}

	/** The whole sign-in, with a new account at the end for a new person. */
	async enter(connector: string, as: 'Mei' | 'Li' = 'Mei'): Promise<Page> {
		const page = await this.open(await this.approve(connector, as));
		return page.url.pathname.endsWith('/connect') ? this.open(page.url, { decision: 'join' }) : page;
	}

	get cookie(): string {
		return this.headerFor('/');
	}

	/** Who is signed in here. */
	async me(): Promise<{ id: string; email: string | null } | undefined> {
		const got = await this.#target.api('me.get', { app: this.#app, headers: { cookie: this.cookie } });
		return got.status === 200 ? (got.data as { id: string; email: string | null }) : undefined;
	}
}
