using System.Globalization;

namespace Floodgate.TimelineTests.Histories;

/// <summary>What a step of a history does.</summary>
internal enum StepKind
{
    /// <summary>The user publishes <see cref="Step.Count"/> posts, from <see cref="Step.Post"/> on.</summary>
    Post,

    /// <summary>The user changes the text of a post.</summary>
    Edit,

    /// <summary>The user deletes a post.</summary>
    Delete,

    /// <summary>The user follows another.</summary>
    Follow,

    /// <summary>The user follows another no more.</summary>
    Unfollow,

    /// <summary>The user reads <see cref="Step.Depth"/> pages of <see cref="Step.Count"/> posts.</summary>
    Read,

    /// <summary>The user's timeline has expired.</summary>
    GoAway,

    /// <summary>The user's timeline is forgotten in the middle of a rebuild.</summary>
    Forget,

    /// <summary>Fan-out jobs of a post are delivered once more.</summary>
    Redeliver,

    /// <summary>The backfill of a closed pull range is delivered once more.</summary>
    Backfill,

    /// <summary>The user's pull range is closed, whatever the audience.</summary>
    Close,

    /// <summary>An instance closes the pull ranges that are not needed.</summary>
    CloseAll,

    /// <summary>An instance takes fan-out for far behind.</summary>
    Shed,

    /// <summary>Everything written so far has been fanned out, and every session has seen that.</summary>
    Drain,
}

/// <summary>A step of a history. Users and posts are named by their number in it.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="User">Who does it.</param>
internal sealed record Step(StepKind Kind, int User)
{
    private static readonly string[] Nodes = ["primary", "replica-1", "replica-2"];

    /// <summary>To or with whom.</summary>
    public int Other { get; init; }

    /// <summary>With which post.</summary>
    public int Post { get; init; }

    /// <summary>How many posts, or how many to a page.</summary>
    public int Count { get; init; }

    /// <summary>How many pages.</summary>
    public int Depth { get; init; }

    /// <summary>Decides what is left: the instance, the node, the job.</summary>
    public int Chance { get; init; }

    /// <summary>The node that the router chose.</summary>
    public string Node => Nodes[Chance % Nodes.Length];

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"user {User} ") + Kind switch
    {
        StepKind.Post => string.Create(CultureInfo.InvariantCulture, $"posts {Post}{(Count > 1 ? $" to {Post + Count - 1}" : "")}"),
        StepKind.Edit or StepKind.Delete => string.Create(CultureInfo.InvariantCulture, $"{Kind}s post {Post}"),
        StepKind.Redeliver => string.Create(CultureInfo.InvariantCulture, $"wrote post {Post}, which is delivered again ({Chance})"),
        StepKind.Follow or StepKind.Unfollow => string.Create(CultureInfo.InvariantCulture, $"{Kind}s user {Other}"),
        StepKind.Read => string.Create(CultureInfo.InvariantCulture, $"reads {Depth} pages of {Count} at {Node}"),
        _ => Kind.ToString(),
    };
}
