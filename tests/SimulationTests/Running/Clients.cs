using System.Globalization;
using Floodgate.CounterService.Coalescing;
using Floodgate.CounterService.Likes;
using Floodgate.Messaging.Counters;
using Floodgate.SimulationTests.Checking;
using Floodgate.SimulationTests.Scheduling;

namespace Floodgate.SimulationTests.Running;

/// <summary>Callers, each of which does one thing after the other: likes and unlikes of few pairs, additions, reads.</summary>
internal sealed class Clients(Simulation world)
{
    public const int Posts = 2;
    public static readonly CounterId[] Counters = [new("views", "a"), new("views", "b")];
    public static readonly CounterId Poisonous = new("views", "poison");

    private const int Count = 4;
    private const int Users = 3;

    private readonly SimulatedProcess _process = new(world.Scheduler, "clients");
    private int _left = world.Profile.Operations;
    private int _running;
    private string _waiting = "";

    /// <summary>Whether all have got all their answers.</summary>
    public bool AreDone => _running == 0 && _left <= 0;

    /// <summary>What was asked for last.</summary>
    public string Waiting => _waiting;

    private Random Random => world.Scheduler.Random;

    /// <summary>Begins.</summary>
    public void Start()
    {
        _running = Count;
        for (var i = 1; i <= Count; i++)
        {
            var client = i;
            _process.Start(() => RunAsync(client));
        }
    }

    private async Task RunAsync(int client)
    {
        while (_left-- > 0)
        {
            await Task.Delay(world.Profile.Pause * Random.NextDouble(), _process.Time);
            if (Random.Next(1500) == 0)
            {
                // Long enough for what nobody loaded to expire.
                await Task.Delay(TimeSpan.FromSeconds(70), _process.Time);
            }

            if (Random.Next(20) == 0)
            {
                // Long enough for the pairs of a user to be filled in.
                await Task.Delay(world.Profile.FlushInterval + world.CounterOptions.FillAfter, _process.Time);
            }

            // A user has more than one device.
            var user = ((client - 1) % Users) + 1;
            await (Random.Next(10) switch
            {
                < 5 => LikeAsync(user, Random.Next(Posts) + 1, Random.Next(2) == 0),
                < 7 => AddAsync(user),
                < 8 => ReadAsync(),
                _ => LookAsync(user, Random.Next(Posts) + 1),
            });
        }

        _running--;
    }

    private async Task LikeAsync(long user, long post, bool liked)
    {
        var operation = world.History.Like(user, post, liked, world.Scheduler.Elapsed, world.Redis.Losses);
        var (status, _) = await CallAsync($"{(liked ? "like" : "unlike")} {user}/{post}", service => service.LikeAsync(user, post, liked));
        operation.End(OutcomeOf(status), world.Scheduler.Elapsed);
        CheckShown(user, post);
    }

    private async Task AddAsync(long user)
    {
        var counter = world.Profile.Poisons && Random.Next(20) == 0 ? Poisonous : Counters[Random.Next(Counters.Length)];
        if (world.History.Add(counter, world.Scheduler.Elapsed) is not { } operation)
        {
            return;
        }

        RequestKey? request = Random.Next(2) == 0 ? new RequestKey(user, string.Create(CultureInfo.InvariantCulture, $"{counter.Key}-{operation.Digit}")) : null;
        var attempts = request is null ? 1 : Random.Next(1, 4);
        for (var i = 0; i < attempts; i++)
        {
            var (calm, began) = (Calm.Of(world), world.Scheduler.Elapsed);
            var (status, value) = await CallAsync($"add {counter} digit {operation.Digit}", service => service.AddAsync(counter, operation.Amount, request));
            operation.End(OutcomeOf(status), world.Scheduler.Elapsed);
            if (status == WriteStatus.Durable && value is { } shown && !operation.IsIn(shown) && calm.Lasts(world, began))
            {
                world.Scheduler.Fail($"The answer {shown} to the addition of digit {operation.Digit} to {counter} does not include it.");
            }
        }
    }

    private async Task ReadAsync()
    {
        var counter = Random.Next(2) == 0 ? Counters[Random.Next(Counters.Length)] : CounterId.Likes(Random.Next(Posts) + 1);
        await CallAsync($"read {counter}", async service => new LikeResult(WriteStatus.Durable, await service.ReadAsync(counter)));
    }

    // What a user has made of a post, as long as nobody else makes something of it at the same time.
    private async Task LookAsync(long user, long post)
    {
        var began = world.Scheduler.Elapsed;
        var last = world.History.LastOf(user, post);
        var stored = world.Database.Tables.ReadReaction(user, post).Liked;
        bool? shown = null;
        var (status, _) = await CallAsync($"look at {user}/{post}", async service =>
        {
            shown = await service.IsLikedAsync(user, post);
            return new LikeResult(WriteStatus.Durable, null);
        });
        if (status is not null && shown is { } liked && last is { } write && liked != write.Liked && write == world.History.LastOf(user, post)
            && !(world.History.IsRefusedSince(write) && stored != write.Liked) && Calm.IsTold(world, write, began))
        {
            world.Scheduler.Fail($"User {user} {(write.Liked ? "likes" : "does not like")} post {post} any more since {write.Ended}, and is shown the opposite.");
        }
    }

    // At once, when others have not heard of everything yet: Redis may not say anything, but nothing wrong, whatever it was not told of.
    private void CheckShown(long user, long post)
    {
        if (world.History.LastOf(user, post) is not { } write)
        {
            return;
        }

        foreach (var service in world.CounterServices)
        {
            if (service.Shown(user, post) is { } liked && liked != write.Liked)
            {
                world.Scheduler.Fail($"User {user} {(write.Liked ? "likes" : "does not like")} post {post} since {write.Ended}, and {service.Process.Name} believes Redis that it is the opposite.");
            }
        }
    }

    private static Outcome OutcomeOf(WriteStatus? status) => status switch
    {
        WriteStatus.Durable => Outcome.Acknowledged,
        WriteStatus.Busy or WriteStatus.Behind or WriteStatus.Away => Outcome.Refused,
        _ => Outcome.Unknown,
    };

    // The status is null where the process was killed before it answered.
    private async Task<(WriteStatus? Status, long? Value)> CallAsync(string what, Func<CounterServiceProcess, Task<LikeResult>> call)
    {
        var service = world.CounterServices[Random.Next(world.CounterServices.Count)];
        var answer = new TaskCompletionSource<(WriteStatus?, long?)>();
        if (service.Process.IsDead)
        {
            return (WriteStatus.Away, null);
        }

        _waiting = what;
        world.Scheduler.Note($"a client asks {service.Process.Name}: {what}");
        service.Process.OnKill(() => world.Scheduler.PostLater(_process, TimeSpan.FromMilliseconds(1), () => answer.TrySetResult((null, null))));
        service.Process.Start(async () =>
        {
            var result = await call(service);
            world.Scheduler.PostLater(_process, TimeSpan.FromMilliseconds(0.2), () => answer.TrySetResult((result.Status, result.Likes)));
        });
        var (status, value) = await answer.Task;
        world.Scheduler.Note($"a client hears from {service.Process.Name}: {what}: {status?.ToString() ?? "no answer"} {value}");
        return (status, value);
    }
}
