// Where the film is. The film itself stands in another message, which is sent once: they meet in the window.
export default function ({ data, setTriggerValue }) {
  const shared = (window.backpropLabFilm ??= {});
  shared.tell = (frame) => setTriggerValue("frame", frame);
  // What the film has told is no news to it: by now the visitor may have moved on.
  if (data.version === shared.version && data.frame === shared.known) return;
  shared.version = data.version;
  shared.known = data.frame;
  shared.film?.place(data.frame, false);
}
