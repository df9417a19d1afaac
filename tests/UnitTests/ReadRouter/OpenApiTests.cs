using Floodgate.ReadRouter.OpenApi;
using Floodgate.ReadRouter.Routing;
using Microsoft.OpenApi;

namespace Floodgate.UnitTests.ReadRouter;

public sealed class OpenApiTests
{
    // What the router answers itself.
    private static readonly string[] Own = ["GET /status", "GET /health", "GET /alive", "POST /dev/token"];

    private readonly OpenApiDocument _document = Parse();

    [Fact]
    public void The_document_describes_exactly_the_calls_there_are()
    {
        var described = Operations().Select(operation => $"{operation.Method} {operation.Path}");

        Assert.Equal(
            RouteTable.Public.Select(route => $"{route.Method} {route.Pattern}").Concat(Own).Order(StringComparer.Ordinal),
            described.Order(StringComparer.Ordinal),
            StringComparer.Ordinal);
    }

    [Fact]
    public void A_call_needs_a_user_in_the_document_where_its_route_does()
    {
        foreach (var route in RouteTable.Public)
        {
            var operation = Operations().Single(operation => operation.Method == route.Method && operation.Path == route.Pattern).Operation;
            Assert.True(operation.Security is null == route.NeedsUser, $"{route.Method} {route.Pattern}");
        }
    }

    [Fact]
    public void Reads_say_where_they_were_served_and_may_ask_for_a_consistency()
    {
        foreach (var route in RouteTable.Public.Where(route => route.Kind == RouteKind.Read))
        {
            var operation = Operations().Single(operation => operation.Method == route.Method && operation.Path == route.Pattern).Operation;
            Assert.Contains(operation.Parameters!, parameter => parameter.Name == "Floodgate-Consistency");
            Assert.Contains("Floodgate-Node", operation.Responses!["200"].Headers!);
            Assert.Contains("503", operation.Responses!);
        }
    }

    [Fact]
    public void Every_call_but_the_probes_may_be_refused_at_the_door()
    {
        foreach (var (method, path, operation) in Operations().Where(operation => operation.Path is not ("/health" or "/alive")))
        {
            Assert.All(["401", "429", "503"], status => Assert.True(operation.Responses!.ContainsKey(status), $"{method} {path}: {status}"));
        }
    }

    private static OpenApiDocument Parse()
    {
        using var stream = new MemoryStream(OpenApiEndpoint.ReadDocument());
        var result = OpenApiDocument.Load(stream, "json");
        Assert.Empty(result.Diagnostic!.Errors);
        Assert.Empty(result.Diagnostic!.Warnings);
        return result.Document!;
    }

    private IEnumerable<(string Method, string Path, OpenApiOperation Operation)> Operations() =>
        from path in _document.Paths
        from operation in path.Value.Operations!
        select (operation.Key.Method, path.Key, operation.Value);
}
