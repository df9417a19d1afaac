using Aspire.Hosting.Running;

namespace Floodgate.HostingTests;

public sealed class EnvironmentTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_reference_to_a_database_gives_its_connection_string_and_its_parts()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create("--Parameters:pg-password=secret");
        var database = builder.AddPostgres("pg").AddDatabase("things", "stuff");
        Allocate(database.Resource.Parent, 21001);
        var variables = await VariablesAsync(builder, program => program.WithReference(database));

        Assert.Equal("Host=127.0.0.1;Port=21001;Username=postgres;Password=secret;Database=stuff", variables["ConnectionStrings__things"]);
        Assert.Equal("127.0.0.1", variables["THINGS_HOST"]);
        Assert.Equal("21001", variables["THINGS_PORT"]);
        Assert.Equal("postgres", variables["THINGS_USERNAME"]);
        Assert.Equal("secret", variables["THINGS_PASSWORD"]);
        Assert.Equal("stuff", variables["THINGS_DATABASENAME"]);
        Assert.Equal("postgresql://postgres:secret@127.0.0.1:21001/stuff", variables["THINGS_URI"]);
    }

    [Fact]
    public async Task A_reference_under_another_name_uses_that_name()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create("--Parameters:redis-password=secret");
        var redis = builder.AddRedis("redis");
        Allocate(redis.Resource, 21002);
        var variables = await VariablesAsync(builder, program => program.WithReference(redis, "hot-cache"));

        Assert.Equal("127.0.0.1:21002,password=secret", variables["ConnectionStrings__hot-cache"]);
        Assert.Equal("127.0.0.1", variables["HOT_CACHE_HOST"]);
        Assert.False(variables.ContainsKey("ConnectionStrings__redis"));
    }

    [Fact]
    public async Task A_reference_to_RabbitMQ_gives_an_address()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create("--Parameters:rabbitmq-password=secret");
        var rabbitmq = builder.AddRabbitMQ("rabbitmq");
        Allocate(rabbitmq.Resource, 21003);
        var variables = await VariablesAsync(builder, program => program.WithReference(rabbitmq));
        Assert.Equal("amqp://guest:secret@127.0.0.1:21003", variables["ConnectionStrings__rabbitmq"]);
    }

    [Fact]
    public async Task A_reference_to_a_service_gives_the_address_of_every_process()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create();
        var service = builder.AddProject<Projects.HostingTests_Service>("time-line", launchProfileName: null).WithHttpEndpoint().WithReplicas(3);
        Allocate(service.Resource, 21004, 21005, 21006);
        var variables = await VariablesAsync(builder, program => program.WithReference(service));

        Assert.Equal("http://localhost:21004", variables["services__time-line__http__0"]);
        Assert.Equal("http://localhost:21005", variables["services__time-line__http__1"]);
        Assert.Equal("http://localhost:21006", variables["services__time-line__http__2"]);
        Assert.Equal("http://localhost:21004", variables["TIME_LINE_HTTP"]);
    }

    [Fact]
    public async Task A_connection_string_that_is_put_together_is_referenced_like_any_other()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create("--Parameters:pg-password=secret");
        var server = builder.AddPostgres("pg");
        Allocate(server.Resource, 21007);
        var own = builder.AddConnectionString("own", ReferenceExpression.Create($"{server};Database=other"));
        var variables = await VariablesAsync(builder, program => program.WithReference(own));
        Assert.Equal("Host=127.0.0.1;Port=21007;Username=postgres;Password=secret;Database=other", variables["ConnectionStrings__own"]);
    }

    [Fact]
    public async Task Later_settings_of_a_variable_win()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create();
        var variables = await VariablesAsync(builder, program => program
            .WithEnvironment("A", "1")
            .WithEnvironment("A", () => "2")
            .WithEnvironment(context => context.EnvironmentVariables["B"] = 7));
        Assert.Equal("2", variables["A"]);
        Assert.Equal("7", variables["B"]);
    }

    [Fact]
    public async Task Arguments_are_resolved_in_the_order_they_were_added()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create();
        var secret = builder.AddParameter("secret", "x", secret: true);
        var program = builder.AddExecutable("program", "sh", ".", "-c").WithArgs("exit 0").WithArgs(context => context.Args.Add(secret));
        var arguments = await ResourceConfiguration.ArgumentsAsync(program.Resource, builder.ExecutionContext, Cancellation);
        Assert.Equal(["-c", "exit 0", "x"], arguments);
    }

    private static void Allocate(IResource resource, params int[] ports)
    {
        foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
            endpoint.Allocate(ports);
    }

    private static Task<Dictionary<string, string>> VariablesAsync(
        IDistributedApplicationTestingBuilder builder, Action<IResourceBuilder<ExecutableResource>> wire)
    {
        var program = builder.AddExecutable("program", "sh", ".");
        wire(program);
        return ResourceConfiguration.EnvironmentAsync(program.Resource, builder.ExecutionContext, Cancellation);
    }
}
