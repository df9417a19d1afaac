namespace Floodgate.Bench.Replay;

/// <summary>What a planned action does.</summary>
internal enum ActionKind : byte
{
    /// <summary>The user posts.</summary>
    Post,

    /// <summary>The user likes somebody's post.</summary>
    Like,
}

/// <summary>One call of the replay.</summary>
/// <param name="User">Who, as an index into the graph's users.</param>
/// <param name="Kind">What.</param>
/// <param name="Checked">Whether the user then looks whether its own write is there.</param>
/// <param name="Due">When, in seconds of the original's time from its first activity.</param>
/// <param name="Target">Of a like: the action that posts what is liked. Always an earlier one. Else −1.</param>
/// <param name="Pair">Of a like: the number of the (user, post) pair. Else −1.</param>
internal readonly record struct ReplayAction(int User, ActionKind Kind, bool Checked, long Due, int Target, int Pair);

/// <summary>All calls of a replay in order.</summary>
/// <param name="Actions">The calls. Each depends on earlier ones only.</param>
/// <param name="PairTargets">For each (user, post) pair, the action that posts what is liked.</param>
internal sealed record ReplayPlan(IReadOnlyList<ReplayAction> Actions, IReadOnlyList<int> PairTargets)
{
    /// <summary>How long the original took.</summary>
    public TimeSpan Length => TimeSpan.FromSeconds(Actions.Count == 0 ? 0 : Actions[^1].Due);

    /// <summary>Which users post, by index.</summary>
    /// <param name="users">How many users there are.</param>
    public bool[] FindAuthors(int users)
    {
        var authors = new bool[users];
        foreach (var action in Actions) authors[action.User] |= action.Kind == ActionKind.Post;
        return authors;
    }
}
