namespace Floodgate.Bench.Replay;

/// <summary>Chooses the users whose timelines are compared.</summary>
internal static class TimelineSample
{
    /// <summary>
    /// Half of them with a chance in proportion to how many they follow who post (their timelines are the long ones), the other
    /// half any users.
    /// </summary>
    /// <param name="followees">How many authors each user follows.</param>
    /// <param name="samples">How many users are wanted; all of them if there are no more.</param>
    /// <param name="random">Chooses.</param>
    /// <returns>Distinct users, by index.</returns>
    public static IReadOnlyList<int> Choose(IReadOnlyList<int> followees, int samples, Random random)
    {
        if (samples >= followees.Count) return [.. Enumerable.Range(0, followees.Count)];

        // Weighted without replacement: the largest of u^(1/w) (Efraimidis and Spirakis, 2006).
        var weighted = followees
            .Select((weight, user) => (User: user, Key: weight == 0 ? 0 : Math.Pow(random.NextDouble(), 1.0 / weight)))
            .Where(c => c.Key > 0)
            .OrderByDescending(c => c.Key)
            .Take(samples / 2)
            .Select(c => c.User)
            .ToHashSet();
        while (weighted.Count < samples) weighted.Add(random.Next(followees.Count));
        return [.. weighted.Order()];
    }
}
