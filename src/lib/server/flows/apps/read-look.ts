/** What the pages of an app load to look like it: its stylesheet and its pictures. */
import { themeHash, themeStylesheet } from '../../domain/theme';
import type { Image } from '../../storage/app/images';
import type { AppServices } from '../services';

/** For the address of the stylesheet: another theme, another address. 16 hex digits. */
export async function readThemeHash(services: Pick<AppServices, 'settings'>): Promise<string> {
	return themeHash((await services.settings()).theme);
}

export async function readThemeFile(
	services: Pick<AppServices, 'settings'>,
): Promise<{ css: string; hash: string }> {
	const { theme } = await services.settings();
	return { css: themeStylesheet(theme), hash: themeHash(theme) };
}

/** @param id SHA-256 of the picture, hex; anything else is not there */
export async function findImage(
	services: Pick<AppServices, 'store'>,
	id: string,
): Promise<Image | undefined> {
	return /^[a-f0-9]{64}$/.test(id) ? services.store.read.images.find(id) : undefined;
}
