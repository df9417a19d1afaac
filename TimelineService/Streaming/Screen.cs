using Floodgate.Sessions;
using Floodgate.TimelineService.Posts;

namespace Floodgate.TimelineService.Streaming;

/// <summary>
/// Which posts a client has: those it was sent and those that were there at first, down to an id below which nothing is told any more. Its
/// screen is the newest of them. Posts are compared as sets, so that one which arrives after newer ones is told as well.
/// </summary>
/// <param name="limit">How many posts are on the screen.</param>
/// <param name="overlap">How much older than the newest one a post that arrives late may be.</param>
internal sealed class Screen(int limit, TimeSpan overlap)
{
    // A post's id is the milliseconds of its creation and 12 bits of a sequence: next_post_id() in Schema/Migrations.
    private const int SequenceBits = 12;

    private readonly long _overlap = (long)overlap.TotalMilliseconds << SequenceBits;

    // Ascending, all above the floor. The floor only rises: what was below it once is old, also when deletions bring it back on the page.
    private readonly List<long> _known = [];
    private long _floor;

    /// <summary>How far down a look for news must go.</summary>
    public long ReadDownTo => Math.Max(_floor, Math.Min(Newest - _overlap, OnScreen.Length > 0 ? OnScreen[0] - 1 : 0));

    /// <summary>The ids on the screen, ascending.</summary>
    public ReadOnlySpan<long> OnScreen => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_known)[Math.Max(0, _known.Count - limit)..];

    /// <summary>Posts up to this id are not told any more.</summary>
    public long Floor => _floor;

    private long Newest => _known.Count > 0 ? _known[^1] : _floor;

    /// <summary>Begins with what was found: the client has of it what is not above an id.</summary>
    public void Begin(NewestPage found, long upTo)
    {
        _known.Clear();
        _floor = found.Below;
        for (var i = found.Posts.Count - 1; i >= 0 && found.Posts[i].Id <= upTo; i--)
        {
            _known.Add(found.Posts[i].Id);
        }
    }

    /// <summary>Says what the client has to be told of what was found.</summary>
    /// <returns>The posts it does not have, oldest first, and those on its screen that are not there any more.</returns>
    public (List<Post> Arrived, List<long> Gone) Compare(NewestPage found)
    {
        var posts = found.Posts;
        List<Post> arrived = [];
        List<long> gone = [];
        foreach (var id in OnScreen)
        {
            if (id > found.Below && !Contains(posts, id))
            {
                gone.Add(id);
            }
        }

        _floor = Math.Max(_floor, found.Below);
        _known.RemoveRange(0, CountUpTo(_floor));
        for (var i = posts.Count - 1; i >= 0; i--)
        {
            if (posts[i].Id > _floor && _known.BinarySearch(posts[i].Id) < 0)
            {
                arrived.Add(posts[i]);
            }
        }

        return (arrived, gone);
    }

    /// <summary>The client has been sent a post.</summary>
    public void Show(long id)
    {
        var at = _known.BinarySearch(id);
        if (at < 0)
        {
            _known.Insert(~at, id);
        }
    }

    /// <summary>The client has been told that a post is gone. Should it come back, it is news.</summary>
    public void Forget(long id) => _known.Remove(id);

    /// <summary>Where a client goes on that has been told everything so far.</summary>
    public StreamPlace PlaceAt(WalPosition position)
    {
        var from = ReadDownTo;
        var fingerprint = 0UL;
        for (var i = CountUpTo(from); i < _known.Count; i++)
        {
            fingerprint ^= Mix(_known[i]);
        }

        return new StreamPlace(Newest, from, fingerprint, position);
    }

    /// <summary>
    /// Up to which id a client that comes back has what is found now: up to the newest one, if the posts up to there are the same ones as then;
    /// else up to where their fingerprint begins, as one of them arrived or went meanwhile.
    /// </summary>
    public static long HasUpTo(StreamPlace place, NewestPage found)
    {
        var fingerprint = 0UL;
        foreach (var post in found.Posts)
        {
            if (post.Id > place.From && post.Id <= place.Newest)
            {
                fingerprint ^= Mix(post.Id);
            }
        }

        return fingerprint == place.Fingerprint && found.Below <= place.From ? place.Newest : place.From;
    }

    private int CountUpTo(long id)
    {
        var at = _known.BinarySearch(id);
        return at < 0 ? ~at : at + 1;
    }

    // Newest first.
    private static bool Contains(List<Post> posts, long id)
    {
        var (low, high) = (0, posts.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (posts[middle].Id == id)
            {
                return true;
            }

            (low, high) = posts[middle].Id > id ? (middle + 1, high) : (low, middle - 1);
        }

        return false;
    }

    // The finalizer of SplitMix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014): ids are alike, their sum of bits is not.
    private static ulong Mix(long id)
    {
        var z = (ulong)id + 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
