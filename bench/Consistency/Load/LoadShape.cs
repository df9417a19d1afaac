namespace Floodgate.Bench.Consistency.Load;

/// <summary>What the sessions do, and how often: weights of the steps of a session.</summary>
/// <param name="Write">It writes a register and reads it back.</param>
/// <param name="Read">It reads a register that was written lately, by anyone.</param>
/// <param name="AuthorPages">It pages through the posts of an author.</param>
/// <param name="Timeline">It pages through its home timeline.</param>
/// <param name="Adopt">It is handed the token of another session and reads what that one read or wrote.</param>
/// <param name="Pause">The mean of the pauses between steps.</param>
internal sealed record LoadShape(int Write, int Read, int AuthorPages, int Timeline, int Adopt, TimeSpan Pause)
{
    /// <summary>Many writes and every kind of read, to find violations.</summary>
    public static LoadShape Probing { get; } = new(Write: 30, Read: 42, AuthorPages: 10, Timeline: 10, Adopt: 8, Pause: TimeSpan.FromMilliseconds(60));

    /// <summary>As on a site, in quick motion: mostly reads, and a write of each session every ten seconds or so.</summary>
    public static LoadShape Ordinary { get; } = new(Write: 2, Read: 58, AuthorPages: 15, Timeline: 25, Adopt: 0, Pause: TimeSpan.FromMilliseconds(180));

    /// <summary>The sum of the weights.</summary>
    public int Total => Write + Read + AuthorPages + Timeline + Adopt;
}
