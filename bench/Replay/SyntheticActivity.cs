using Floodgate.Bench.Graphs;

namespace Floodgate.Bench.Replay;

/// <summary>Half a day around one viral event: a steady murmur, and from the middle on a burst about the most followed user.</summary>
internal static class SyntheticActivity
{
    /// <summary>Lines of the default activity.</summary>
    public const int DefaultEvents = 5_000;

    private const long Begin = 1_341_100_800; // 2012-07-01, as in the Higgs data
    private const double Length = 12 * 3_600;
    private const double BurstDecay = 1_200; // the burst falls to 1/e in 20 minutes
    private const double InBurst = 0.6;
    private const double AtTheSource = 0.5;

    /// <summary>Makes the activity in order of time. The same random numbers give the same activity.</summary>
    public static List<Activity> Create(SocialGraph graph, int events, Random random)
    {
        var users = graph.Ids.Count;
        var followers = graph.CountFollowers();
        var source = Array.IndexOf(followers, followers.Max());
        var follows = graph.Follows;
        var activities = new List<Activity>(events);
        for (var i = 0; i < events; i++)
        {
            var viral = random.NextDouble() < InBurst;
            var at = viral ? (Length / 2) - (BurstDecay * Math.Log(1 - random.NextDouble())) : Length * random.NextDouble();
            // Somebody acts on what it sees: along an edge, if there are any.
            var (user, other) = follows.Count > 0 ? follows[random.Next(follows.Count)] : (random.Next(users), random.Next(users));
            if (viral && random.NextDouble() < AtTheSource) other = source;
            if (viral) user = random.Next(users);
            activities.Add(new Activity(user, other, Begin + (long)at, KindOf(random.NextDouble(), viral)));
        }

        activities.Sort((a, b) => a.Time.CompareTo(b.Time));
        return activities;
    }

    // The shares of the Higgs data; in the burst most pass on.
    private static ActivityKind KindOf(double chance, bool viral) => chance switch
    {
        _ when viral && chance < 0.8 => ActivityKind.Retweet,
        < 0.57 => ActivityKind.Retweet,
        < 0.93 => ActivityKind.Mention,
        _ => ActivityKind.Reply,
    };
}
