export default function ({ parentElement }) {
  const button = parentElement.querySelector("button");
  const said = parentElement.querySelector("span");
  button.onclick = async () => {
    const link = new URL(window.location.href);
    link.searchParams.delete("run");
    try {
      await navigator.clipboard.writeText(link.href);
    } catch {
      window.prompt("Copy this link:", link.href); // without https a browser lends no clipboard
      return;
    }
    button.textContent = "Copied";
    said.textContent = "The link is copied.";
    setTimeout(() => {
      button.textContent = "Copy link";
      said.textContent = "";
    }, 2000);
  };
}
