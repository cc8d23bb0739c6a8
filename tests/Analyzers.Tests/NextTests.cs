namespace PluginHost.Analyzers.Tests;

public sealed class NextTests
{
    [Fact]
    public Task Calls_of_next_that_may_follow_one_another_or_are_not_awaited_are_found() => Analysis.ExpectMarkedAsync("""
        public sealed class Retry : IRunMiddleware
        {
            public async ValueTask<RunResponse> InvokeAsync(RunRequest request, RunDelegate next, CancellationToken cancellationToken)
            {
                for (var i = 0; i < 3; i++)
                {
                    var response = await next(request, cancellationToken); // PH0004
                    if (response.Text.Length > 0) return response;
                }

                return new RunResponse();
            }
        }

        public sealed class Fallback : IFunctionMiddleware
        {
            public async ValueTask<object?> InvokeAsync(FunctionInvocation invocation, FunctionDelegate next, CancellationToken cancellationToken)
            {
                try
                {
                    return await next(invocation, cancellationToken);
                }
                catch (TimeoutException)
                {
                    return await next(invocation, cancellationToken); // PH0004
                }
            }
        }

        public sealed class Forgotten : IRunMiddleware
        {
            public async ValueTask<RunResponse> InvokeAsync(RunRequest request, RunDelegate next, CancellationToken cancellationToken)
            {
                _ = next(request, cancellationToken); // PH0005
                await Task.Yield();
                if (request.Agent == "a") await next(request, cancellationToken); // PH0004
                return RunResponse.FromText("…");
            }
        }
        """);

    [Fact]
    public Task One_call_on_each_path_is_no_finding() => Analysis.ExpectMarkedAsync("""
        public sealed class Branches : IRunMiddleware
        {
            public async ValueTask<RunResponse> InvokeAsync(RunRequest request, RunDelegate next, CancellationToken cancellationToken)
            {
                if (request.Agent == "a") return await next(request with { Instructions = "a" }, cancellationToken);
                using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
                try
                {
                    var response = request.Attempt switch
                    {
                        1 => await next(request, cancellationToken),
                        _ => await next(request, limit.Token).ConfigureAwait(false),
                    };
                    foreach (var message in response.Messages) Console.WriteLine(message.Text);
                    return response;
                }
                catch (TimeoutException)
                {
                    return RunResponse.FromText("Too late.");
                }
            }
        }

        public sealed class Passing : IFunctionMiddleware
        {
            public ValueTask<object?> InvokeAsync(FunctionInvocation invocation, FunctionDelegate next, CancellationToken cancellationToken) =>
                next(invocation, cancellationToken);
        }
        """);
}
