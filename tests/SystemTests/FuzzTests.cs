using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Floodgate.SystemTests.Running;
using Floodgate.Tests.RawHttp;

namespace Floodgate.SystemTests;

/// <summary>Random requests, and tokens that were changed a little. Set the seed that a failure prints to send the same ones again.</summary>
public sealed class FuzzTests
{
    private const string SeedVariable = "FLOODGATE_FUZZ_SEED";
    private const int Requests = 3000;
    private const int Forgeries = 400;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly string[] NotForCallers = ["/internal/oracle", "/internal/import"];

    private readonly RunningSystem _system;
    private readonly Random _random;
    private readonly int _seed;

    public FuzzTests(RunningSystem system, ITestOutputHelper output)
    {
        _system = system;
        _seed = Environment.GetEnvironmentVariable(SeedVariable) is { Length: > 0 } given ? int.Parse(given, CultureInfo.InvariantCulture) : Environment.TickCount;
        _random = new Random(_seed);
        output.WriteLine($"{SeedVariable}={_seed}");
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whatever_is_sent_nothing_breaks_and_nothing_internal_is_reached()
    {
        using var gateway = _system.Gateway();
        var (ann, trace) = (await _system.NewUserAsync(gateway, Cancel), ActivityTraceId.CreateRandom().ToHexString());
        var fuzzer = new RequestFuzzer(_random, [await BearerAsync(gateway, ann.Id)], $"traceparent: 00-{trace}-{ActivitySpanId.CreateRandom()}-01");
        var client = new RawClient(_system.GatewayAddress);
        var answered = 0;

        await ForEachAsync(Enumerable.Range(0, Requests).Select(_ => fuzzer.Next()), async (request, cancel) =>
        {
            var answer = await client.SendAsync(request.Text, request.MayLackItsEnd, cancel);
            if (answer.Status != 0)
                Interlocked.Increment(ref answered);
            return answer.Fault() is { } fault ? $"{fault}\n  to: {request}" : null;
        });

        Assert.InRange(answered, Requests / 2, Requests);
        await AssertServesAsync(gateway, ann);
        using var last = await ann.SendAsync(HttpMethod.Get, $"/users/{ann.Id}", null, Cancel, ("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-01"));
        Assert.Equal(HttpStatusCode.OK, last.StatusCode);
        var spans = await Eventually.HoldsAsync(
            () => Task.FromResult(_system.Traces.Trace(trace)), spans => spans.Any(span => span.Service == "timeline"), TimeSpan.FromSeconds(30), Cancel);

        // A service's span of that name would mean that a request got there. /internal/status is what the public /status asks the services.
        Assert.DoesNotContain(spans, span => span.Service != "router" && NotForCallers.Any(path => span.Name.Contains(path, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task No_token_and_no_cursor_that_was_changed_is_believed()
    {
        using var gateway = _system.Gateway();
        var ann = await _system.NewUserAsync(gateway, Cancel);
        var bearer = await BearerAsync(gateway, ann.Id);
        await ann.PostAsync("one", Cancel);
        await ann.PostAsync("two", Cancel);
        var cursor = (await ann.GetAsync($"/users/{ann.Id}/posts?limit=1", Cancel)).GetProperty("next").GetString()!;

        await ForEachAsync(Forged(bearer).Select(forged => ("Authorization", "Bearer " + forged)), (header, cancel) => AnswerOf(gateway, "/timeline", header, 401, cancel));
        await ForEachAsync(Forged(cursor), (forged, cancel) =>
            AnswerOf(gateway, $"/users/{ann.Id}/posts?before={Uri.EscapeDataString(forged)}", ("Authorization", "Bearer " + bearer), 400, cancel));

        // A session token that is not believed says nothing: the answer is that of a new session.
        await ForEachAsync(
            Forged(ann.Session!).SelectMany(forged => new[] { ("Floodgate-Session", forged), ("Cookie", "floodgate-session=" + forged) }),
            (header, cancel) => AnswerOf(gateway, $"/users/{ann.Id}", header, 200, cancel));
        await AssertServesAsync(gateway, ann);
    }

    private static async Task<string?> AnswerOf(HttpClient gateway, string path, (string Name, string Value) header, int status, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        using var answer = await gateway.SendAsync(request, cancellationToken);
        var reason = answer.Headers.TryGetValues("Floodgate-Reason", out var reasons) ? reasons.Single() : "";

        // 400 is what the server gives a header that it cannot read.
        return ((int)answer.StatusCode == status || (int)answer.StatusCode == 400) && reason != "write-may-be-lost"
            ? null
            : $"{(int)answer.StatusCode} {reason} to {path} with {header}";
    }

    private static async Task AssertServesAsync(HttpClient gateway, UserSession user)
    {
        await user.PostAsync("still here", Cancel);
        using var health = await gateway.GetAsync("/health", Cancel);
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
    }

    private static async Task<string> BearerAsync(HttpClient gateway, long user)
    {
        using var answer = await gateway.PostAsJsonAsync("/dev/token", new { user }, Cancel);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("token").GetString()!;
    }

    // The last character of a base64url text has bits that mean nothing, so a change there may be none. What cannot stand in a header is left out.
    private IEnumerable<string> Forged(string token) => Enumerable.Range(0, Forgeries)
        .Select(_ => TextMutation.Of(token, _random))
        .Where(forged => forged.TrimEnd().Length > 0 && !forged.StartsWith(token[..^1], StringComparison.Ordinal) && forged.All(character => character is > ' ' and < '\u007f' and not ';' and not ','));

    private async Task ForEachAsync<T>(IEnumerable<T> requests, Func<T, CancellationToken, Task<string?>> send)
    {
        var faults = new List<string>();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(Limit);
        await Parallel.ForEachAsync(requests.ToList(), new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = limit.Token }, async (request, cancel) =>
        {
            if (await send(request, cancel) is { } fault)
            {
                lock (faults)
                    faults.Add(fault);
            }
        });
        Assert.True(faults.Count == 0, $"{SeedVariable}={_seed}: {faults.Count} faults\n{string.Join('\n', faults.Take(20))}");
    }
}
