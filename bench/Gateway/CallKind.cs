namespace Floodgate.Bench.Gateway;

/// <summary>The calls that are counted and timed apart.</summary>
internal enum CallKind
{
    Token,
    ImportUsers,
    ImportFollows,
    Post,
    Like,
    ReadTimeline,
    ReadPost,
    Oracle,
    Status,
}
