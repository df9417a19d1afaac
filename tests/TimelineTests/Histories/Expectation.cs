using System.Globalization;
using Floodgate.Sessions;

namespace Floodgate.TimelineTests.Histories;

/// <summary>A post on a page.</summary>
internal readonly record struct ShownPost(long Id, long Author, string Text);

/// <summary>
/// What a reader must be shown, by what was acknowledged when the read began: every post of their own; every post of who they follow that is drained, or that
/// was there when they followed; nothing that was deleted, nobody they do not follow, and no text older than one that they have seen. What changes while they
/// read may be seen or not.
/// </summary>
internal sealed class Expectation
{
    private readonly int _reader;
    private readonly Dictionary<int, (HistoryFollow Follow, int Changes)> _known = [];
    private readonly Dictionary<int, int> _versions = [];
    private readonly List<HistoryPost> _wanted = [];
    private readonly HashSet<int> _gone = [];

    public Expectation(int reader, WalPosition seen, IReadOnlyList<HistoryPost> posts, Func<int, HistoryFollow> follows)
    {
        _reader = reader;
        foreach (var post in posts)
        {
            if (post.Author != reader && !_known.ContainsKey(post.Author) && follows(post.Author) is { IsAtRest: true, Follows: not null } known)
            {
                _known.Add(post.Author, (known, known.Changes));
            }

            _versions[post.Number] = post.VersionAt(seen);
            if (post.DeletedAt <= seen)
            {
                _gone.Add(post.Number);
            }
            else if (post.Id != 0 && IsWanted(post, seen))
            {
                _wanted.Add(post);
            }
        }
    }

    /// <summary>Says what is wrong; null: nothing.</summary>
    public string? Judge(int seed, IReadOnlyList<long> users, IReadOnlyDictionary<int, HistoryPost> posts, IReadOnlyList<ShownPost> shown, bool isAll)
    {
        var last = long.MaxValue;
        foreach (var (id, author, text) in shown)
        {
            var (number, version) = HistoryPost.Parse(seed, text);
            if (!posts.TryGetValue(number, out var post) || users[post.Author] != author || (post.Id != 0 && post.Id != id))
            {
                return Say($"post {id} of user {author} with the text '{text}', which is none of this history");
            }

            var wrong = id >= last ? "is twice or out of order"
                : _gone.Contains(number) ? "was deleted"
                : version < _versions.GetValueOrDefault(number) || version > post.LastVersion
                    ? $"has text {version} where {_versions.GetValueOrDefault(number)} to {post.LastVersion} were written"
                : IsKnown(post.Author, follows: false) ? $"is of user {post.Author} who is not followed"
                : null;
            if (wrong is not null)
            {
                return Say($"post {number} ({id}), which {wrong}");
            }

            last = id;
        }

        var ids = shown.Select(post => post.Id).ToHashSet();
        var missing = _wanted.Find(post => !post.DeleteBegan && !ids.Contains(post.Id) && (isAll || post.Id > last)
            && (post.Author == _reader || IsKnown(post.Author, follows: true)));
        return missing is null ? null : Say($"no post {missing.Number} ({missing.Id}) of user {missing.Author}");
    }

    private bool IsWanted(HistoryPost post, WalPosition seen) => !post.DeleteBegan && post.WrittenAt != 0
        && (post.Author == _reader || (_known.TryGetValue(post.Author, out var known) && known.Follow.Follows == true
            && (post.DrainedAt <= seen || post.WrittenAt < known.Follow.Since)));

    // And so it was all the time.
    private bool IsKnown(int author, bool follows) =>
        author != _reader && _known.TryGetValue(author, out var known) && known.Follow.Changes == known.Changes && known.Follow.Follows == follows;

    private string Say(string what) => string.Create(CultureInfo.InvariantCulture, $"user {_reader} is shown {what}");
}
