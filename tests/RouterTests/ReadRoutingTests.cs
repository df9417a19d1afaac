using Aspire.Hosting.ApplicationModel;
using Floodgate.ReadRouter.Nodes;
using Floodgate.Sessions;
using Microsoft.Extensions.DependencyInjection;

namespace Floodgate.RouterTests;

/// <summary>They disturb the servers one after the other, and put them right again.</summary>
public sealed class ReadRoutingTests(RoutedCluster cluster) : IClassFixture<RoutedCluster>
{
    private static long _lastId;

    [Fact]
    public async Task Every_write_is_in_the_next_read_and_replicas_serve_most_of_them()
    {
        var fromReplicas = 0;
        for (var write = 0; write < 100; write++)
        {
            var id = NextId();
            var session = await cluster.WriteAsync(id);
            var read = await cluster.ReadAsync(id, session);

            Assert.Equal(200, read.Status);
            fromReplicas += read.Node == "primary" ? 0 : 1;
        }

        Assert.True(fromReplicas > 50, $"{fromReplicas} of 100 reads were served by replicas.");
    }

    [Fact]
    public async Task A_replica_whose_replay_stands_still_serves_no_session_that_is_past_it()
    {
        await cluster.PauseAsync("replica-1");
        try
        {
            var id = NextId();
            var session = await cluster.WriteAsync(id);
            for (var i = 0; i < 50; i++)
            {
                var read = await cluster.ReadAsync(id, session);
                Assert.Equal(200, read.Status);
                Assert.NotEqual("replica-1", read.Node, StringComparer.Ordinal);

                // The router knew; had it chosen wrongly, the service would have had to correct it.
                Assert.NotEqual("node-behind", read.Reason, StringComparer.Ordinal);
            }
        }
        finally
        {
            await cluster.ResumeAsync("replica-1");
        }

        await RoutedCluster.WaitForAsync(async () => (await cluster.ReadAsync(1)).Node == "replica-1");
    }

    [Fact]
    public async Task What_a_session_has_read_from_one_replica_it_does_not_lose_on_another()
    {
        await cluster.PauseAsync("replica-1");
        try
        {
            var id = NextId();
            await cluster.WriteAsync(id);
            await RoutedCluster.WaitForAsync(async () => (await cluster.ReadAsync(id, consistency: "eventual")) is { Status: 200, Node: "replica-2" });
            RoutedRead? seen = null;
            await RoutedCluster.WaitForAsync(async () => (seen = await cluster.ReadAsync(id)).Node == "replica-2");

            for (var i = 0; i < 50; i++)
                Assert.Equal(200, (await cluster.ReadAsync(id, seen!.Session)).Status);
        }
        finally
        {
            await cluster.ResumeAsync("replica-1");
        }
    }

    [Fact]
    public async Task With_all_replicas_behind_the_primary_serves_a_session_and_an_eventual_read_stays_on_a_replica()
    {
        await cluster.PauseAsync("replica-1");
        await cluster.PauseAsync("replica-2");
        try
        {
            var id = NextId();
            var session = await cluster.WriteAsync(id);
            var read = await cluster.ReadAsync(id, session);
            var eventual = await cluster.ReadAsync(id, session, "eventual");
            var strong = await cluster.ReadAsync(id, session, "strong");

            Assert.Equal((200, "primary", "replicas-behind"), (read.Status, read.Node, read.Reason));
            Assert.Equal((404, "eventual"), (eventual.Status, eventual.Reason));
            Assert.StartsWith("replica-", eventual.Node, StringComparison.Ordinal);
            Assert.Equal((200, "primary", "strong"), (strong.Status, strong.Node, strong.Reason));
        }
        finally
        {
            await cluster.ResumeAsync("replica-1");
            await cluster.ResumeAsync("replica-2");
        }
    }

    [Fact]
    public async Task A_token_beyond_everything_waits_then_reads_from_the_primary_and_starts_the_session_again()
    {
        var id = NextId();
        await cluster.WriteAsync(id);
        await RoutedCluster.WaitForAsync(() => cluster.Table.Replicas.All(replica => replica.Status.LagBytes == 0));
        var codec = cluster.Router.GetRequiredService<SessionTokenCodec>();
        var position = cluster.Table.Primary.Status.Position;
        var beyond = position with { Lsn = new Lsn(position.Lsn.Value + (1UL << 40)) };
        var token = codec.Write(new SessionToken(cluster.Table.SystemId, beyond, TimeProvider.System.GetUtcNow()));

        var read = await cluster.ReadAsync(id, token);
        var next = await cluster.ReadAsync(id, read.Session);

        Assert.Equal((200, "primary", "write-may-be-lost"), (read.Status, read.Node, read.Reason));
        Assert.True(codec.Read(read.Session)!.Position < beyond);
        Assert.Equal(200, next.Status);
        Assert.NotEqual("write-may-be-lost", next.Reason, StringComparer.Ordinal);
    }

    [Fact]
    public async Task Reads_go_on_while_a_replica_dies_and_it_serves_again_when_it_is_back()
    {
        var id = NextId();
        var session = await cluster.WriteAsync(id);
        var stopping = cluster.Servers.ResourceCommands.ExecuteCommandAsync("replica-2", KnownResourceCommands.StopCommand, TestContext.Current.CancellationToken);
        var replica = cluster.Table.Replicas.Single(node => node.Name == "replica-2");
        do
        {
            Assert.Equal(200, (await cluster.ReadAsync(id, session)).Status);
        }
        while (replica.Status.Health != NodeHealth.Failed || !stopping.IsCompleted);

        Assert.True((await stopping).Success);
        await cluster.Servers.ResourceCommands.ExecuteCommandAsync("replica-2", KnownResourceCommands.StartCommand, TestContext.Current.CancellationToken);
        await RoutedCluster.WaitForAsync(async () => (await cluster.ReadAsync(id, session)).Node == "replica-2");
    }

    [Fact]
    public async Task Without_the_primary_replicas_serve_the_sessions_they_can()
    {
        var id = NextId();
        var session = await cluster.WriteAsync(id);
        await RoutedCluster.WaitForAsync(async () => (await cluster.ReadAsync(id, session)).Node != "primary");
        await cluster.Servers.ResourceCommands.ExecuteCommandAsync("postgres", KnownResourceCommands.StopCommand, TestContext.Current.CancellationToken);
        try
        {
            await RoutedCluster.WaitForAsync(() => cluster.Table.Primary.Status.Health == NodeHealth.Failed);
            var read = await cluster.ReadAsync(id, session);
            var strong = await cluster.ReadAsync(id, session, "strong");

            Assert.Equal(200, read.Status);
            Assert.StartsWith("replica-", read.Node, StringComparison.Ordinal);
            Assert.Equal((503, true), (strong.Status, strong.RetryAfter));
        }
        finally
        {
            await cluster.Servers.ResourceCommands.ExecuteCommandAsync("postgres", KnownResourceCommands.StartCommand, TestContext.Current.CancellationToken);
            await RoutedCluster.WaitForAsync(() => cluster.Table.All.All(node => node.Status.Health == NodeHealth.Healthy));

            // The service finds one by one that its connections to the primary are gone, and replicas take seconds to stream again.
            await RoutedCluster.WaitForAsync(async () => await cluster.TryWriteAsync(NextId()) is not null);
            var written = cluster.Router.GetRequiredService<SessionTokenCodec>().Read(await cluster.WriteAsync(NextId()))!.Position;
            await RoutedCluster.WaitForAsync(() => cluster.Table.Replicas.All(replica => replica.Status.Position >= written));
        }
    }

    private static long NextId() => Interlocked.Increment(ref _lastId);
}
