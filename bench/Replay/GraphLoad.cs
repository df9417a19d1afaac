using System.Buffers;
using System.Buffers.Text;
using Floodgate.Bench.CommandLine;
using Floodgate.Bench.Gateway;
using Floodgate.Bench.Graphs;
using Floodgate.Bench.Measuring;

namespace Floodgate.Bench.Replay;

/// <summary>Loads users and follows through the import calls of Development.</summary>
internal sealed class GraphLoad(GatewayClient client, ProgressDisplay display)
{
    /// <summary>Lines in one body: below 1 MB.</summary>
    public const int LinesPerBody = 50_000;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Loads the whole graph. Loading it again changes nothing.</summary>
    /// <exception cref="RunFailedException">The gateway refused a part.</exception>
    public async Task RunAsync(SocialGraph graph, CancellationToken cancellation)
    {
        await display.RunAsync("users", graph.Ids.Count, progress => UsersAsync(graph, progress, cancellation), cancellation);
        await display.RunAsync("follows", graph.Follows.Count, progress => FollowsAsync(graph, progress, cancellation), cancellation);
    }

    private Task UsersAsync(SocialGraph graph, Progress progress, CancellationToken cancellation) =>
        SendAsync(CallKind.ImportUsers, "/dev/import/users", graph.Ids.Count, progress, WriteUser(graph), cancellation);

    private Task FollowsAsync(SocialGraph graph, Progress progress, CancellationToken cancellation) =>
        SendAsync(CallKind.ImportFollows, "/dev/import/follows", graph.Follows.Count, progress, WriteFollow(graph), cancellation);

    private static Action<int, ArrayBufferWriter<byte>> WriteUser(SocialGraph graph) => (i, body) =>
    {
        WriteNumber(body, graph.Ids[i]);
        body.Write(" user-"u8);
        WriteNumber(body, graph.Ids[i]);
    };

    private static Action<int, ArrayBufferWriter<byte>> WriteFollow(SocialGraph graph) => (i, body) =>
    {
        WriteNumber(body, graph.Ids[graph.Follows[i].Follower]);
        body.Write(" "u8);
        WriteNumber(body, graph.Ids[graph.Follows[i].Followee]);
    };

    private async Task SendAsync(
        CallKind kind, string path, int lines, Progress progress, Action<int, ArrayBufferWriter<byte>> write, CancellationToken cancellation)
    {
        var body = new ArrayBufferWriter<byte>(1 << 20);
        for (var sent = 0; sent < lines;)
        {
            var until = Math.Min(lines, sent + LinesPerBody);
            body.ResetWrittenCount();
            for (var i = sent; i < until; i++)
            {
                write(i, body);
                body.Write("\n"u8);
            }

            var call = new GatewayCall(kind, HttpMethod.Post, path) { Body = body.WrittenMemory, ContentType = "text/plain", Timeout = Patience };
            var answer = await client.CallAsync(call, GatewayJson.Default.ImportAnswer, cancellation);
            if (answer.Value is null)
            {
                var faults = string.Join('\n', client.Faults.Noted);
                throw new RunFailedException($"POST {path}: {answer.Status}. The import calls exist in Development only.\n{faults}");
            }

            progress.Add(until - sent);
            sent = until;
        }
    }

    private static void WriteNumber(ArrayBufferWriter<byte> body, long number)
    {
        Utf8Formatter.TryFormat(number, body.GetSpan(20), out var written);
        body.Advance(written);
    }
}
