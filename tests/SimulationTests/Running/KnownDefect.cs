namespace Floodgate.SimulationTests.Running;

/// <summary>
/// What is known to go wrong, and is left out until it is put right; a test of each says when it is, so that it can be
/// taken away here.
/// </summary>
internal enum KnownDefect
{
    None,

    /// <summary>
    /// The apply of an envelope arrives after the envelope was put aside, and no flush of that counter in that partition
    /// came since. It counts as pending until the counter is loaded anew.
    /// </summary>
    LateApplyOfParked,
}
