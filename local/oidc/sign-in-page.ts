import { people } from "./people.ts";

/** One button for each person: there is nothing to type. */
export function signInPage(action: string): string {
  const buttons = Object.entries(people).map(
    ([id, { name, groups }]) =>
      `<button name="account" value="${id}"><strong>${id}</strong><span>${name}</span><code>${groups.join(" ")}</code></button>`,
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in to Slipway on this machine</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 28rem; margin: 10vh auto; padding: 0 1rem; color: #16191f; background: #f9f9fa }
  h1 { font-size: 1.4rem }
  button { display: grid; width: 100%; text-align: left; gap: .1rem; font: inherit; margin: .6rem 0; padding: .8rem 1rem; background: #fff;
    border: 1px solid #b6bec9; border-radius: .5rem; cursor: pointer }
  button:hover, button:focus-visible { border-color: #0972d3; outline: 2px solid #0972d3 }
  code { color: #5f6b7a }
</style>
<h1>Sign in to Slipway on this machine</h1>
<p>Who would you like to be?</p>
<form method="post" action="${action}">${buttons.join("")}</form>
</html>`;
}
