using System.Globalization;
using System.Text.Json;
using Floodgate.Bench.CommandLine;
using Floodgate.Bench.Consistency.Histories;
using Floodgate.Bench.Gateway;

namespace Floodgate.Bench.Consistency.Load;

/// <summary>One session: a user with registers of its own, who writes, reads back, reads others, pages, and takes over tokens.</summary>
/// <param name="number">The session's number in the history.</param>
/// <param name="user">Its user.</param>
/// <param name="client">Sends its requests.</param>
/// <param name="world">What all sessions share.</param>
/// <param name="random">The seeded chance of this session.</param>
/// <param name="time">The clock.</param>
internal sealed class LoadSession(int number, long user, SessionClient client, LoadWorld world, Random random, TimeProvider time)
{
    private const int MostRegisters = 12;
    private const int MostPages = 3;
    private static readonly TimeSpan AfterRefusal = TimeSpan.FromMilliseconds(200);

    private readonly List<(Register Register, int Version)> _own = [];
    private volatile Register? _lastWritten;

    /// <summary>Its number in the history.</summary>
    public int Number => number;

    /// <summary>Its user.</summary>
    public long User => user;

    /// <summary>The way it takes into the system.</summary>
    public Door Door => client.Door;

    /// <summary>What it carries.</summary>
    public SessionTokens Tokens => client.Tokens;

    /// <summary>Makes its user known.</summary>
    /// <exception cref="RunFailedException">The gateway does not take it.</exception>
    public Task SignUpAsync(CancellationToken cancellation) => PutAsync(
        string.Create(CultureInfo.InvariantCulture, $"/users/{user}"),
        JsonSerializer.SerializeToUtf8Bytes(new ProbeName("probe"), ProbeJson.Default.ProbeName),
        cancellation);

    /// <summary>Follows another session's user.</summary>
    /// <exception cref="RunFailedException">The gateway does not take it.</exception>
    public Task FollowAsync(LoadSession other, CancellationToken cancellation) =>
        PutAsync(string.Create(CultureInfo.InvariantCulture, $"/users/{user}/following/{other.User}"), default, cancellation);

    /// <summary>Does step after step until it is told to stop.</summary>
    public async Task RunAsync(LoadShape shape, CancellationToken stop, CancellationToken cancellation)
    {
        while (!stop.IsCancellationRequested)
        {
            var answered = await StepAsync(shape, random.Next(shape.Total), cancellation);
            var pause = answered ? 2 * random.NextDouble() * shape.Pause : AfterRefusal;
            await Task.Delay(pause, time, cancellation);
        }
    }

    private Task<bool> StepAsync(LoadShape shape, int draw, CancellationToken cancellation)
    {
        if ((draw -= shape.Write) < 0) return WriteAndReadBackAsync(cancellation);
        if ((draw -= shape.Read) < 0) return ReadOneAsync(world.Board.Draw(random), cancellation);
        if ((draw -= shape.AuthorPages) < 0) return PageAsync(world.Draw(random, like: null), cancellation);
        return draw < shape.Timeline ? PageAsync(author: null, cancellation) : AdoptAsync(cancellation);
    }

    private async Task PutAsync(string path, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        var answer = await client.SendAsync(HttpMethod.Put, path, body, ProbeJson.Default.ProbeNothing, cancellation);
        if (answer.Outcome != Outcome.Acknowledged) throw new RunFailedException(FormattableString.Invariant($"PUT {path} was answered {answer.Status}."));
    }

    private async Task<bool> WriteAndReadBackAsync(CancellationToken cancellation)
    {
        var isNew = _own.Count == 0 || (_own.Count < MostRegisters && random.Next(4) == 0);
        var at = isNew ? _own.Count : random.Next(_own.Count);
        if (isNew) _own.Add((world.History.NewRegister(number), 0));
        var register = _own[at].Register;
        var version = new RegisterVersion(register.Index, _own[at].Version + 1);
        _own[at] = (register, version.Version);

        var body = JsonSerializer.SerializeToUtf8Bytes(new ProbeText(world.Text.Write(version)), ProbeJson.Default.ProbeText);
        var answer = isNew
            ? await client.SendAsync(HttpMethod.Post, "/posts", body, ProbeJson.Default.ProbePost, cancellation)
            : await client.SendAsync(HttpMethod.Patch, PathOf(register), body, ProbeJson.Default.ProbePost, cancellation);
        if (answer.Value is { } post) register.Post = post.Id;
        Record(answer, OperationKind.Write, written: version);

        // What is under way somewhere must not come after a later version: the register is not written again. One that was
        // turned away while it was new does not exist.
        if (answer.Outcome != Outcome.Acknowledged)
        {
            _own.RemoveAt(at);
            return false;
        }

        _lastWritten = register;
        world.Board.Wrote(register);
        return await ReadOneAsync(register, cancellation);
    }

    private async Task<bool> ReadOneAsync(Register? register, CancellationToken cancellation)
    {
        if (register is null) return true;
        var answer = await client.SendAsync(HttpMethod.Get, PathOf(register), default, ProbeJson.Default.ProbePost, cancellation);
        var seen = answer.Status == 404 ? new RegisterVersion(register.Index, 0) : answer.Value is { } post ? world.Text.Read(post.Text) : null;
        if (answer.Status == 200 && seen?.Register != register.Index) world.Faults.Note($"GET {PathOf(register)}: it is another post: {answer.Value?.Text}");

        // That a post is not there is an answer like any other.
        Record(answer with { Outcome = answer.Status == 404 ? Outcome.Acknowledged : answer.Outcome }, OperationKind.Read, seen: seen is { } version ? [version] : []);
        return answer.Status is 200 or 404;
    }

    private async Task<bool> PageAsync(LoadSession? author, CancellationToken cancellation)
    {
        var path = author is null ? "/timeline?limit=10" : string.Create(CultureInfo.InvariantCulture, $"/users/{author.User}/posts?limit=4");
        var below = long.MaxValue;
        string? cursor = null;
        for (var page = 0; page < MostPages; page++)
        {
            var answer = await client.SendAsync(HttpMethod.Get, cursor is null ? path : $"{path}&before={cursor}", default, ProbeJson.Default.ProbePage, cancellation);
            var items = answer.Value?.Items ?? [];
            cursor = answer.Value?.Next;
            var scope = new PageScope(author?.Number, cursor is null ? 0 : items[^1].Id, below);
            Record(answer, OperationKind.Read, seen: [.. items.Select(Learn).OfType<RegisterVersion>()], scope: scope);
            if (answer.Value is null) return false;
            if (cursor is null) break;
            below = items[^1].Id;
        }

        return true;
    }

    // A post whose creation was never answered is met here for the first time.
    private RegisterVersion? Learn(ProbePost post)
    {
        if (world.Text.Read(post.Text) is not { } version || world.History.Find(version.Register) is not { } register) return null;
        if (register.Post == 0) register.Post = post.Id;
        if (register.Post != post.Id) world.Faults.Note($"Posts {register.Post} and {post.Id} are the same register: one was written twice.");
        return version;
    }

    private Task<bool> AdoptAsync(CancellationToken cancellation)
    {
        var other = world.Draw(random, like: this);
        var now = time.GetTimestamp();
        var handed = other.Tokens.Held;
        if (!Tokens.CanAdopt(handed)) return PageAsync(author: null, cancellation);
        Tokens.Adopt(handed);
        world.History.Add(new Operation { Session = number, Kind = OperationKind.Adopt, Start = now, End = now, From = other.Number });
        return other._lastWritten is { } register ? ReadOneAsync(register, cancellation) : PageAsync(other, cancellation);
    }

    private void Record<T>(
        SessionAnswer<T> answer, OperationKind kind, RegisterVersion written = default, IReadOnlyList<RegisterVersion>? seen = null, PageScope? scope = null)
        where T : class
    {
        world.Statuses.Count(Door, answer.Status);
        world.History.Add(new Operation
        {
            Session = number,
            Kind = kind,
            Start = answer.Start,
            End = answer.End,
            Outcome = answer.Outcome,
            Status = answer.Status,
            Node = answer.Node,
            Reason = answer.Reason,
            Written = written,
            Seen = seen ?? [],
            Scope = scope,
        });
        if (!IsPromised(answer.Status, kind)) world.Faults.Note(FormattableString.Invariant($"{Door.Policy}: a {kind} of user {user} was answered {answer.Status}."));
    }

    // No answer, and 503, is what a restart may cost; a post that a read does not find may not be there yet.
    private static bool IsPromised(int status, OperationKind kind) =>
        status is 0 or 200 or 201 or 202 or 429 or 503 || (status == 404 && kind == OperationKind.Read);

    private static string PathOf(Register register) => string.Create(CultureInfo.InvariantCulture, $"/posts/{register.Post}");
}
