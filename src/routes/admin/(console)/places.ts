/** The pages of the console: the left navigation, and what ⌘K finds. */
import AppWindow from '@lucide/svelte/icons/app-window';
import Blocks from '@lucide/svelte/icons/blocks';
import CirclePlay from '@lucide/svelte/icons/circle-play';
import DoorOpen from '@lucide/svelte/icons/door-open';
import House from '@lucide/svelte/icons/house';
import LayoutGrid from '@lucide/svelte/icons/layout-grid';
import Mail from '@lucide/svelte/icons/mail';
import Palette from '@lucide/svelte/icons/palette';
import Plug from '@lucide/svelte/icons/plug';
import Plus from '@lucide/svelte/icons/plus';
import ScrollText from '@lucide/svelte/icons/scroll-text';
import Settings from '@lucide/svelte/icons/settings';
import ShieldCheck from '@lucide/svelte/icons/shield-check';
import UserCog from '@lucide/svelte/icons/user-cog';
import Users from '@lucide/svelte/icons/users';
import type { Locale } from '$lib/i18n/locale';
import { m } from '$lib/i18n/paraglide/messages';
import type { AppLink, Command, NavItem } from '$lib/ui/console/types';

/** The appliance's own pages. */
export function applianceNav(locale: Locale): NavItem[] {
	return [
		{ text: m.console_overview({}, { locale }), href: '/admin', icon: LayoutGrid, exact: true },
		{ text: m.console_plugins({}, { locale }), href: '/admin/plugins', icon: Blocks },
		{ text: m.console_operators({}, { locale }), href: '/admin/operators', icon: UserCog },
		{ text: m.console_audit({}, { locale }), href: '/admin/audit', icon: ScrollText },
		{ text: m.console_settings({}, { locale }), href: '/admin/settings', icon: Settings },
	];
}

/** The pages of one app. */
export function appNav(app: number, locale: Locale): NavItem[] {
	const at = (place: string) => `/admin/apps/${app}${place}`;
	return [
		{ text: m.console_overview({}, { locale }), href: at(''), icon: House, exact: true },
		{ text: m.console_users({}, { locale }), href: at('/users'), icon: Users },
		{ text: m.console_policy({}, { locale }), href: at('/policy'), icon: DoorOpen },
		{ text: m.console_connectors({}, { locale }), href: at('/connectors'), icon: Plug },
		{ text: m.console_clients({}, { locale }), href: at('/clients'), icon: AppWindow },
		{ text: m.console_roles({}, { locale }), href: at('/roles'), icon: ShieldCheck },
		{ text: m.console_messages({}, { locale }), href: at('/messages'), icon: Mail },
		{ text: m.console_theme({}, { locale }), href: at('/theme'), icon: Palette },
		{ text: m.console_audit({}, { locale }), href: at('/audit'), icon: ScrollText },
		{ text: m.console_settings({}, { locale }), href: at('/settings'), icon: Settings },
		{ text: m.console_try({}, { locale }), href: at('/try'), icon: CirclePlay },
	];
}

const toCommands = (nav: readonly NavItem[], group: string): Command[] =>
	nav.map(({ text, href, icon }) => ({ text, href, icon, group }));

interface Surroundings {
	apps: readonly AppLink[];
	current: { id: number; name: string } | undefined;
	owner: boolean;
	locale: Locale;
}

export function commandsFor({ apps, current, owner, locale }: Surroundings): Command[] {
	const create = m.console_create({}, { locale });
	const here = current
		? [
				...toCommands(appNav(current.id, locale), current.name),
				{ text: m.console_keys({}, { locale }), href: `/admin/apps/${current.id}/keys`, group: current.name },
				{
					text: m.console_logouts({}, { locale }),
					href: `/admin/apps/${current.id}/logouts`,
					group: current.name,
				},
				{
					text: m.console_user_new({}, { locale }),
					href: `/admin/apps/${current.id}/users/new`,
					group: create,
					icon: Plus,
				},
				{
					text: m.console_client_new({}, { locale }),
					href: `/admin/apps/${current.id}/clients/new`,
					group: create,
					icon: Plus,
				},
			]
		: [];
	return [
		...here,
		...apps.map(({ name, href, id }) => ({
			text: name,
			href,
			group: m.console_apps({}, { locale }),
			words: String(id),
		})),
		{ text: m.console_app_new({}, { locale }), href: '/admin/apps/new', group: create, icon: Plus },
		...toCommands(applianceNav(locale), m.common_appliance({}, { locale })),
		{
			text: m.console_own_password({}, { locale }),
			href: '/admin/password',
			group: m.common_appliance({}, { locale }),
		},
		...(owner
			? [
					{
						text: m.console_operator_new({}, { locale }),
						href: '/admin/operators/new',
						group: create,
						icon: Plus,
					},
				]
			: []),
	];
}
