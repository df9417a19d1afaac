namespace Floodgate.HostingTests;

public sealed class ExpressionTests
{
    private static readonly ParameterResource Password = new("password", _ => "p@ss/1", secret: true);

    [Fact]
    public async Task An_expression_puts_values_into_text()
    {
        var expression = ReferenceExpression.Create($"user:{Password}@{"host"}");
        Assert.Equal("user:p@ss/1@host", await expression.GetValueAsync(TestContext.Current.CancellationToken));
        Assert.Equal("user:{password.value}@host", expression.ValueExpression);
    }

    [Fact]
    public async Task A_value_is_escaped_for_a_URI_where_the_format_says_so()
    {
        var expression = ReferenceExpression.Create($"amqp://guest:{Password:uri}@host");
        Assert.Equal("amqp://guest:p%40ss%2F1@host", await expression.GetValueAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Braces_in_text_stay_braces()
    {
        var expression = ReferenceExpression.Create($"{"{0}"} {Password}");
        Assert.Equal("{0} p@ss/1", await expression.GetValueAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_builder_puts_the_same_together_piece_by_piece()
    {
        var builder = new ReferenceExpressionBuilder();
        Assert.True(builder.IsEmpty);
        builder.AppendLiteral("a=");
        builder.AppendFormatted(Password, "uri");
        Assert.Equal("a=p%40ss%2F1", await builder.Build().GetValueAsync(TestContext.Current.CancellationToken));
    }
}
