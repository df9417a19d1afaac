namespace Floodgate.Bench.Timelines;

/// <summary>
/// Who there is. A crowd with living timelines to push to, and authors whom parts of it follow; audiences that grow tenfold, the crowd first; and readers
/// who follow many authors, a few of them famous.
/// </summary>
/// <param name="readers">How many readers.</param>
/// <param name="largest">The largest audience.</param>
/// <param name="seed">Makes the follows repeatable.</param>
internal sealed class Population(int readers, int largest, int seed)
{
    /// <summary>How many have living timelines to push to.</summary>
    public const int Crowd = 10_000;

    /// <summary>How many authors the readers choose from.</summary>
    public const int Authors = 5000;

    /// <summary>The first of the authors: their posts are merged.</summary>
    public const int Famous = 10;

    /// <summary>Whom a reader follows.</summary>
    public const int Followees = 200;

    /// <summary>How many of those are famous.</summary>
    public const int FamousFollowees = 4;

    /// <summary>What each of the authors has posted.</summary>
    public const int PostsPerAuthor = 40;

    // The default of TimelineOptions.Cap.
    private const int Cap = 800;

    private const long FirstOfCrowd = 1_000_001;
    private const long FirstReader = 2_000_001;
    private const long FirstPusher = 3_000_001;
    private const long FirstOfAudience = 4_000_001;
    private const long FirstSingle = 5_000_001;
    private const long FirstDistant = 10_000_001;

    // Entries of the posts of authors who post once.
    private const int SingleEntries = 300_000;

    /// <summary>The sizes of audience that are pushed to end to end.</summary>
    public static IReadOnlyList<int> PushedSizes { get; } = [200, 1000, 10_000];

    /// <summary>The crowd.</summary>
    public static IEnumerable<long> CrowdUsers => Range(FirstOfCrowd, Crowd);

    /// <summary>The readers.</summary>
    public IEnumerable<long> Readers => Range(FirstReader, readers);

    /// <summary>The authors the readers choose from, the famous first.</summary>
    public static IEnumerable<long> AuthorUsers => Range(1, Authors);

    /// <summary>The audiences: 10, 100, ... and the largest.</summary>
    public IEnumerable<int> Audiences
    {
        get
        {
            for (var size = 10L; size <= largest; size *= 10) yield return (int)size;
        }
    }

    /// <summary>The authors with so many followers of the crowd: together each member follows one of them.</summary>
    public static IEnumerable<long> PushersOf(int size) => Range(FirstPusher + PushersBefore(size), Crowd / size);

    /// <summary>More authors with so many followers of the crowd, who write one post each: members follow several of them.</summary>
    public static IEnumerable<long> SinglesOf(int size) => Range(FirstSingle + PushedSizes.TakeWhile(other => other != size).Sum(other => (long)SingleEntries / other), SingleEntries / size);

    /// <summary>The n-th part of the crowd with so many members.</summary>
    public static long[] Part(int size, int index) => [.. Range(FirstOfCrowd + ((long)index * size % Crowd), size)];

    /// <summary>The author with such an audience.</summary>
    public static long AuthorFor(int audience) => FirstOfAudience + (int)Math.Round(Math.Log10(audience));

    /// <summary>Those of the largest audiences who are not of the crowd.</summary>
    public IEnumerable<long> Distant => Range(FirstDistant, Math.Max(0, Audiences.LastOrDefault() - Crowd));

    /// <summary>The follows of the authors who are pushed for.</summary>
    public static IEnumerable<(long Follower, long Followee)> PusherFollows() =>
        PushedSizes.SelectMany(size => new[] { PushersOf(size), SinglesOf(size) }.SelectMany(
            authors => authors.SelectMany((author, i) => Part(size, i).Select(user => (user, author)))));

    /// <summary>How many these are.</summary>
    public static long PusherFollowCount => PushedSizes.Count * (long)(Crowd + SingleEntries);

    /// <summary>The follows of the authors whose audience grows.</summary>
    public IEnumerable<(long Follower, long Followee)> AudienceFollows() =>
        Audiences.SelectMany(size => CrowdUsers.Concat(Distant).Take(size).Select(user => (user, AuthorFor(size))));

    /// <summary>Whom a reader follows, ascending: some of the famous and some of the others.</summary>
    public long[] FolloweesOf(long reader)
    {
        var random = new Random(unchecked((seed * 1_000_003) + (int)(reader - FirstReader)));
        var chosen = new HashSet<long>();
        while (chosen.Count < FamousFollowees) chosen.Add(1 + random.Next(Famous));
        while (chosen.Count < Followees) chosen.Add(1 + Famous + random.Next(Authors - Famous));
        return [.. chosen.Order()];
    }

    /// <summary>Who wrote the n-th of the posts: each author one in each round, in an order that is not that of the ids.</summary>
    public static long AuthorOf(int post) => 1 + (post * 7919L % Authors);

    /// <summary>What is in the timeline of a reader: the newest posts of the authors who are not merged.</summary>
    /// <param name="reader">The reader.</param>
    /// <param name="posts">All posts, newest first, the n-th by <see cref="AuthorOf"/>.</param>
    public IReadOnlyList<long> TimelineOf(long reader, IReadOnlyList<long> posts)
    {
        var followees = FolloweesOf(reader).Where(author => author > Famous).ToHashSet();
        return [.. posts.Where((_, post) => followees.Contains(AuthorOf(post))).Take(Cap)];
    }

    /// <summary>How many posts the timeline of a member of the crowd begins with: all of them are trimmed at different times.</summary>
    public static int LengthOf(long user) => Cap - (int)(user % 101);

    private static long PushersBefore(int size) => PushedSizes.TakeWhile(other => other != size).Sum(other => (long)Crowd / other);

    private static IEnumerable<long> Range(long first, int count)
    {
        for (var i = 0; i < count; i++) yield return first + i;
    }
}
