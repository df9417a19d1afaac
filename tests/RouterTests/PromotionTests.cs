using System.Diagnostics;
using Aspire.Hosting.ApplicationModel;
using Floodgate.ReadRouter.Alerts;
using Floodgate.ReadRouter.Nodes;
using Floodgate.Sessions;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Floodgate.RouterTests;

/// <summary>What a promotion does to everybody, told as one story: each part begins where the one before ended.</summary>
public sealed class PromotionTests(RoutedCluster cluster) : IClassFixture<RoutedCluster>
{
    private const string OldPrimary = "floodgate";
    private const long Kept = 1001;
    private const long Lost = 1002;
    private const long AfterPromotion = 1003;
    private const long AfterReturn = 1004;

    private long _probe = 1L << 40;

    private NodeTable Table => cluster.Table;

    private SessionTokenCodec Codec => cluster.Router.GetRequiredService<SessionTokenCodec>();

    [Fact]
    public async Task A_promoted_replica_is_followed_what_is_lost_is_said_and_the_old_primary_serves_once_it_follows()
    {
        var (kept, lost) = await PromoteAsync();
        await SessionsAreToldAsync(kept, lost);
        await OldPrimaryIsLeftAloneAsync();
        await OldPrimaryFollowsAsync();
        await CanarySingsAsync();
    }

    // Both replicas are cut off, the primary writes on, and one of them is promoted while it lives: the worst case.
    private async Task<(string Kept, string Lost)> PromoteAsync()
    {
        var kept = await cluster.WriteAsync(Kept);
        var position = Codec.Read(kept)!.Position;
        await RoutedCluster.WaitForAsync(() => Table.Replicas.All(replica => replica.Status.Position >= position));
        await CutReplicationAsync();
        var lost = await cluster.WriteAsync(Lost);
        Assert.Equal("primary", (await cluster.ReadAsync(Lost, lost)).Node);

        Assert.Equal(true, await cluster.ExecuteAsync("replica-1", "SELECT pg_promote()"));
        await RoutedCluster.WaitForAsync(() => Table.Primary.Name == "replica-1");
        return (kept, lost);
    }

    private async Task SessionsAreToldAsync(string kept, string lost)
    {
        var strong = await cluster.ReadAsync(Kept, consistency: "strong");
        Assert.Equal((200, "replica-1", "strong"), (strong.Status, strong.Node, strong.Reason));

        var good = await cluster.ReadAsync(Kept, kept);
        Assert.Equal(200, good.Status);
        Assert.NotEqual("write-may-be-lost", good.Reason, StringComparer.Ordinal);

        var began = TimeProvider.System.GetTimestamp();
        var told = await cluster.ReadAsync(Lost, lost);
        Assert.Equal((404, "write-may-be-lost"), (told.Status, told.Reason));
        Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(5), "It waited for what is lost.");

        // It goes on from there.
        Assert.Equal(Standing.OnLine, Table.Timelines.Judge(Codec.Read(told.Session)!.Position));
        Assert.NotEqual("write-may-be-lost", (await cluster.ReadAsync(Kept, told.Session)).Reason, StringComparer.Ordinal);

        // The service has followed too: what is written now is on the new primary, and only there.
        string? written = null;
        await RoutedCluster.WaitForAsync(async () => await ReachesNewPrimaryAsync() && (written = await cluster.TryWriteAsync(AfterPromotion)) is not null);
        Assert.Equal(200, (await cluster.ReadAsync(AfterPromotion, written)).Status);
        Assert.Equal(1L, await CountAsync("replica-1", AfterPromotion));
        Assert.Equal(0L, await CountAsync(OldPrimary, AfterPromotion));
        await RoutedCluster.WaitForAsync(() => cluster.Router.GetRequiredService<AlertBoard>().Raised.ContainsKey(Alert.TimelineChanged));
    }

    private async Task OldPrimaryIsLeftAloneAsync()
    {
        // It lives and takes writes, and nobody reads them.
        await cluster.ExecuteAsync(OldPrimary, "INSERT INTO written VALUES (1999)");
        var old = Table.All.Single(node => node.Name == "primary");
        await RoutedCluster.WaitForAsync(() => old.Status is { Health: NodeHealth.Diverged, InRecovery: false });
        for (var read = 0; read < 50; read++)
        {
            var eventual = await cluster.ReadAsync(1999, consistency: "eventual");
            Assert.Equal(404, eventual.Status);
            Assert.NotEqual("primary", eventual.Node, StringComparer.Ordinal);
            Assert.NotEqual("primary", (await cluster.ReadAsync(Kept)).Node, StringComparer.Ordinal);
        }
    }

    private async Task OldPrimaryFollowsAsync()
    {
        var folder = (string)(await cluster.ExecuteAsync(OldPrimary, "SHOW data_directory"))!;
        Assert.True((await cluster.Servers.ResourceCommands.ExecuteCommandAsync("postgres", KnownResourceCommands.StopCommand, Cancel)).Success);
        await CopyAsync(cluster.ConnectionTo("replica-1"), folder);
        Assert.True((await cluster.Servers.ResourceCommands.ExecuteCommandAsync("postgres", KnownResourceCommands.StartCommand, Cancel)).Success);

        var written = await cluster.WriteAsync(AfterReturn);
        await RoutedCluster.WaitForAsync(async () => await cluster.ReadAsync(AfterReturn, written) is { Status: 200, Node: "primary" });
        Assert.True(Table.All.Single(node => node.Name == "primary").Status is { InRecovery: true, Position.Timeline: 2 });
    }

    // It wrote and read all the while, and goes on.
    private async Task CanarySingsAsync()
    {
        var value = (long)(await cluster.ExecuteAsync("replica-1", "SELECT max(value) FROM canaries"))!;
        await RoutedCluster.WaitForAsync(async () => (long)(await cluster.ExecuteAsync("replica-1", "SELECT max(value) FROM canaries"))! > value);
        Assert.False(cluster.Router.GetRequiredService<AlertBoard>().Raised.ContainsKey(Alert.CanaryViolation));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private async Task<bool> ReachesNewPrimaryAsync() =>
        await cluster.TryWriteAsync(Interlocked.Increment(ref _probe)) is { } session && Codec.Read(session)!.Position.Timeline == 2;

    private async Task<long> CountAsync(string node, long id) => (long)(await cluster.ExecuteAsync(node, $"SELECT count(*) FROM written WHERE id = {id}"))!;

    private async Task CutReplicationAsync()
    {
        await cluster.ExecuteAsync(OldPrimary, """
            DO $$ BEGIN EXECUTE format(
                'COPY (SELECT ''host replication all 127.0.0.1/32 reject'' UNION ALL SELECT regexp_split_to_table(pg_read_file(%L), E''\n'')) TO %L',
                current_setting('hba_file'), current_setting('hba_file'));
            END $$
            """);
        await cluster.ExecuteAsync(OldPrimary, "SELECT pg_reload_conf()");
        await RoutedCluster.WaitForAsync(async () =>
        {
            await cluster.ExecuteAsync(OldPrimary, "SELECT pg_terminate_backend(pid) FROM pg_stat_replication");
            return (long)(await cluster.ExecuteAsync(OldPrimary, "SELECT count(*) FROM pg_stat_replication"))! == 0
                && !Table.Replicas.Any(replica => replica.Status.Streams);
        });
    }

    // As an operator would: the old state is thrown away and copied anew, to follow the node it is copied from.
    private static async Task CopyAsync(string source, string folder)
    {
        var from = new NpgsqlConnectionStringBuilder(source);
        Directory.Delete(folder, recursive: true);
        string[] copy = ["-h", from.Host!, "-p", $"{from.Port}", "-U", from.Username!, "-w", "-D", folder, "-X", "stream", "-R", "-c", "fast", "--no-sync"];
        await RunAsync(Path.Combine(ProgramFolder(), "pg_basebackup"), copy, from.Password!);

        // Run by root, the server is another user.
        await RunAsync("chown", ["-R", $"--reference={Path.GetDirectoryName(folder)}", folder], password: "");
    }

    private static async Task RunAsync(string program, string[] arguments, string password)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            Environment = { ["PGPASSWORD"] = password },
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using var process = Process.Start(start)!;
        var said = await process.StandardError.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        Assert.True(process.ExitCode == 0, said);
    }

    private static string ProgramFolder() =>
        Directory.GetDirectories("/usr/lib/postgresql").OrderDescending(StringComparer.Ordinal).Select(version => Path.Combine(version, "bin")).First(Directory.Exists);
}
