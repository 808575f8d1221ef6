// The card among the methods of payment that the shop lists.

/** Chooses the card, in a form of `place`. */
export async function chooseCard(place) {
  await place.getByRole("radio", { name: /^Card/ }).check();
  await place.getByLabel("Test card").waitFor();
}
