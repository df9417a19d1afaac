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

        return null;
    }

    private static bool IsNamedAside(Simulation world, CounterId counter) =>
        world.Database.Tables.Parked.Any(of => of.Envelope is { } envelope && (envelope.Deltas.Any(delta => delta.Counter == counter)
            || envelope.Reactions.Any(reaction => CounterId.Likes(reaction.Post) == counter)));

    private static string Describe(Simulation world, CounterId counter) =>
        world.Redis.Hashes.Find(VisibleValues.CounterHash.KeyOf(counter)) is { } hash
            ? string.Join(", ", hash.Fields.Select(of => $"{of.Key} = {of.Value}"))
            : "nothing";
}
