using Microsoft.Extensions.DependencyInjection;

namespace Floodgate.HostingTests;

/// <summary>The order of start, with programs that need no server.</summary>
public sealed class WaitTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_program_starts_after_the_one_whose_work_it_waits_for()
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(Patience);
        await using var builder = DistributedApplicationTestingBuilder.Create();
        var migration = builder.AddExecutable("migration", "sh", "/", "-c", "exit 0");
        var late = builder.AddExecutable("late", "sleep", "/", "600").WaitForCompletion(migration);
        builder.AddExecutable("latest", "sleep", "/", "600").WaitFor(late);
        var order = new List<string>();
        builder.OnBeforeStart((_, _) => Task.CompletedTask);
        foreach (var resource in builder.Resources.ToArray())
        {
            builder.CreateResourceBuilder(resource).OnResourceReady((ready, _, _) =>
            {
                lock (order)
                    order.Add(ready.Name);
                return Task.CompletedTask;
            });
        }

        await using var app = await builder.BuildAsync(timeout.Token);
        await app.StartAsync(timeout.Token);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("latest", timeout.Token);
        await app.ResourceNotifications.WaitForResourceAsync("migration", KnownResourceStates.Finished, timeout.Token);
        Assert.Equal("late latest", string.Join(' ', order.Where(name => name != "migration")));
    }

    [Fact]
    public async Task What_is_waited_for_shows_while_it_is_not_there()
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(Patience);
        await using var builder = DistributedApplicationTestingBuilder.Create();
        var manual = builder.AddExecutable("manual", "sleep", "/", "600").WithExplicitStart();
        builder.AddExecutable("eager", "sleep", "/", "600").WaitFor(manual);
        await using var app = await builder.BuildAsync(timeout.Token);
        await app.StartAsync(timeout.Token);

        var waiting = await app.ResourceNotifications.WaitForResourceAsync("eager", e => e.Snapshot.State?.Text == KnownResourceStates.Waiting, timeout.Token);
        Assert.Equal("manual", waiting.Snapshot.Property(KnownProperties.WaitingFor));
        var started = await app.ResourceCommands.ExecuteCommandAsync("manual", KnownResourceCommands.StartCommand, timeout.Token);
        Assert.True(started.Success);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("eager", timeout.Token);
    }

    [Fact]
    public async Task A_program_that_ends_with_an_error_is_started_again()
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(Patience);
        await using var builder = DistributedApplicationTestingBuilder.Create();
        builder.AddExecutable("crashing", "sh", "/", "-c", "exit 3");
        await using var app = await builder.BuildAsync(timeout.Token);
        await app.StartAsync(timeout.Token);

        var again = await app.ResourceNotifications.WaitForResourceAsync("crashing", e => e.Snapshot.Property(KnownProperties.Restarts) is 2, timeout.Token);
        Assert.NotNull(again.Snapshot.Property(KnownProperties.Pid));
        var ended = await app.ResourceNotifications.WaitForResourceAsync("crashing", e => e.Snapshot.ExitCode == 3, timeout.Token);
        Assert.Equal(KnownResourceStates.Exited, ended.Snapshot.State?.Text);
    }

    [Fact]
    public async Task A_resource_whose_parameter_is_missing_says_so_and_is_not_started()
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(Patience);
        await using var builder = DistributedApplicationTestingBuilder.Create();
        var license = builder.AddParameter("license");
        builder.AddExecutable("program", "sleep", "/", "600").WithEnvironment("LICENSE", license);
        await using var app = await builder.BuildAsync(timeout.Token);
        await app.StartAsync(timeout.Token);

        await app.ResourceNotifications.WaitForResourceAsync("program", KnownResourceStates.ValueMissing, timeout.Token);
        await app.ResourceNotifications.WaitForResourceAsync("license", KnownResourceStates.ValueMissing, timeout.Token);
    }

    [Fact]
    public async Task A_command_of_the_app_model_is_executed()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create();
        builder.AddExecutable("program", "sleep", "/", "600").WithExplicitStart()
            .WithCommand("greet", "Greet", context => Task.FromResult(CommandResults.Failure($"hello {context.ResourceName}")));
        await using var app = await builder.BuildAsync(TestContext.Current.CancellationToken);
        await app.StartAsync(TestContext.Current.CancellationToken);

        var commands = app.Services.GetRequiredService<ResourceCommandService>();
        Assert.Equal("hello program", (await commands.ExecuteCommandAsync("program", "greet", TestContext.Current.CancellationToken)).Message);
        Assert.False((await commands.ExecuteCommandAsync("program", "dance", TestContext.Current.CancellationToken)).Success);
    }
}
