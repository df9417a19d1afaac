namespace Floodgate.VisibleValues.Likes;

/// <summary>What Redis shows of the likes of a post.</summary>
/// <param name="Generation">Under which generation it was written.</param>
/// <param name="Likes">How many there are.</param>
internal sealed record LikeCount(string Generation, long Likes);
