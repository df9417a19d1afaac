using Floodgate.Messaging.Counters;
using Floodgate.SimulationTests.Running;

namespace Floodgate.SimulationTests.Checking;

/// <summary>What readers are shown at the end is what the tables hold.</summary>
internal static class VisibleCheck
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    public static string? Run(Simulation world)
    {
        CounterId[] counters = [.. Clients.Counters, Clients.Poisonous, .. Enumerable.Range(1, Clients.Posts).Select(post => CounterId.Likes(post))];
        foreach (var service in world.CounterServices)
        {
            foreach (var counter in counters.Where(of => world.Profile.Lifted == KnownDefect.LateApplyOfParked || !IsNamedAside(world, of)))
            {
                long? shown = null;
                var isRead = false;
                service.Process.Start(async () =>
                {
                    shown = await service.ReadAsync(counter);
                    isRead = true;
                });
                if (!world.Scheduler.RunUntil(() => isRead, Longest))
                {
                    return $"{service.Process.Name} does not answer a read of {counter}.";
                }

                var flushed = FlushedCheck.ValueOf(world, counter);
                if (shown != flushed)
                {
                    return $"{service.Process.Name} shows {shown} for {counter}, and flushed is {flushed}. Redis: {Describe(world, counter)}";
                }
            }
        }

        return States(world);
    }

    // A state that Redis gives for settled is the one of the table.
    private static string? States(Simulation world)
    {
        foreach (var service in world.CounterServices)
        {
            foreach (var (user, post) in world.History.Likes.Select(of => (of.User, of.Post)).Distinct().Where(of => !IsAside(world, of.User, of.Post)))
            {
                bool? state = null, shown = null;
                var isRead = false;
                service.Process.Start(async () =>
                {
                    state = await service.StateAsync(user, post);
                    while (shown is null)
                    {
                        // A process that stands still for a while takes Redis for away.
                        shown = await service.IsLikedAsync(user, post);
                    }

                    isRead = true;
                });
                if (!world.Scheduler.RunUntil(() => isRead, Longest))
                {
                    return $"{service.Process.Name} does not answer what user {user} has made of post {post}.";
                }

                var (liked, version) = world.Database.Tables.ReadReaction(user, post);
                if (shown != liked)
                {
                    return $"{service.Process.Name} shows that pair ({user}, {post}) is {(shown == true ? "" : "not ")}liked; at version {version} it is the other way round.";
                }

                if (state is { } said && said != liked)
                {
                    return $"{service.Process.Name} says that pair ({user}, {post}) is {(said ? "" : "not ")}liked; at version {version} it is the other way round.";
                }
            }
        }

        return null;
    }

    private static bool IsAside(Simulation world, long user, long post) => world.Database.Tables.Parked.Any(of =>
        of.Envelope is { } envelope && envelope.Reactions.Any(reaction => reaction.User == user && reaction.Post == post));

    private static bool IsNamedAside(Simulation world, CounterId counter) =>
        world.Database.Tables.Parked.Any(of => of.Envelope is { } envelope && (envelope.Deltas.Any(delta => delta.Counter == counter)
            || envelope.Reactions.Any(reaction => CounterId.Likes(reaction.Post) == counter)));

    private static string Describe(Simulation world, CounterId counter) =>
        world.Redis.Hashes.Find(VisibleValues.CounterHash.KeyOf(counter)) is { } hash
            ? string.Join(", ", hash.Fields.Select(of => $"{of.Key} = {of.Value}"))
            : "nothing";
}
