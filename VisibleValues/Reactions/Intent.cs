using System.Runtime.InteropServices;

namespace Floodgate.VisibleValues.Reactions;

/// <summary>What was said of a pair when a change of it was announced.</summary>
/// <param name="Announced">Whether it was heard; if not, something older may still be remembered for settled.</param>
/// <param name="Version">The version issued.</param>
/// <param name="Before">Whether it was liked, or is about to be; null where the pair is not known.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Intent(bool Announced, long Version, bool? Before);
