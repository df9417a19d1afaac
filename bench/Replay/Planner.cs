namespace Floodgate.Bench.Replay;

/// <summary>Turns activities into calls.</summary>
internal static class Planner
{
    /// <summary>
    /// Makes the plan. <c>A B RT</c>: A likes B's latest post, then A posts. <c>MT</c>, <c>RE</c>: A posts. In all
    /// three B posts first if it never has. Times that run backwards are taken as the latest seen.
    /// </summary>
    /// <param name="activities">The activities in their order.</param>
    /// <param name="users">How many users the graph has.</param>
    /// <param name="checkEvery">On average one action in so many is checked by its user; 0 for none.</param>
    /// <param name="random">Chooses which.</param>
    public static ReplayPlan Create(IReadOnlyList<Activity> activities, int users, int checkEvery, Random random)
    {
        var actions = new List<ReplayAction>(activities.Count * 2);
        var latestPost = new int[users];
        Array.Fill(latestPost, -1);
        var pairs = new Dictionary<(int User, int Post), int>();
        var pairTargets = new List<int>();
        var begin = activities.Count == 0 ? 0 : activities[0].Time;
        long due = 0;
        foreach (var activity in activities)
        {
            due = Math.Max(due, activity.Time - begin);
            var (user, other) = (activity.User, activity.Other);
            var retweet = activity.Kind == ActivityKind.Retweet;

            // Who mentions itself without having posted posts by that very mention.
            if (latestPost[other] < 0 && (other != user || retweet)) Post(other);
            if (retweet) Like(user, latestPost[other]);
            Post(user);
        }

        return new ReplayPlan(actions, pairTargets);

        void Post(int user)
        {
            latestPost[user] = actions.Count;
            actions.Add(new ReplayAction(user, ActionKind.Post, IsChecked(), due, -1, -1));
        }

        void Like(int user, int post)
        {
            if (!pairs.TryGetValue((user, post), out var pair))
            {
                pair = pairTargets.Count;
                pairs.Add((user, post), pair);
                pairTargets.Add(post);
            }

            actions.Add(new ReplayAction(user, ActionKind.Like, IsChecked(), due, post, pair));
        }

        bool IsChecked() => checkEvery > 0 && random.Next(checkEvery) == 0;
    }
}
