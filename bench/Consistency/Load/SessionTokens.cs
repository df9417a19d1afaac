namespace Floodgate.Bench.Consistency.Load;

/// <summary>
/// The tokens a session holds: the last one it was given, and those it was handed by others since, until an answer has
/// brought one that stands for all of them. Other sessions may look at any moment.
/// </summary>
internal sealed class SessionTokens
{
    // One in the cookie and one in the header.
    private const int Most = 2;

    private volatile string[] _held = [];

    /// <summary>What the next request carries.</summary>
    public IReadOnlyList<string> Held => _held;

    /// <summary>An answer brought a token, which stands for all that its request carried.</summary>
    public void Answered(string token) => _held = [token];

    /// <summary>Whether a request has room for these tokens too.</summary>
    public bool CanAdopt(IReadOnlyList<string> tokens) => _held.Union(tokens, StringComparer.Ordinal).Count() <= Most;

    /// <summary>Another session handed over its tokens.</summary>
    public void Adopt(IReadOnlyList<string> tokens) => _held = [.. _held.Union(tokens, StringComparer.Ordinal)];
}
