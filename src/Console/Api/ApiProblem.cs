namespace PluginHost.WebConsole.Api;

/// <summary>A refusal of the API, as problem details.</summary>
public sealed record ApiProblem(string Type, string Title, int Status)
{
    public string? Detail { get; init; }

    public IReadOnlyList<ApiInputError> Errors { get => field ?? []; init; }
}

public sealed record ApiInputError(string Path, string Message)
{
    public string? Allowed { get; init; }
}

/// <summary>Ends the work on a page: the API has refused what the page cannot do without.</summary>
public sealed class ApiException(ApiProblem problem) : Exception(problem.Detail ?? problem.Title)
{
    public ApiProblem Problem { get; } = problem;
}

/// <summary>What the API answered: a value or a problem.</summary>
public sealed record ApiAnswer<T>(T? Value, ApiProblem? Problem)
    where T : class
{
    /// <exception cref="ApiException">The API refused.</exception>
    public T Required => Value ?? throw new ApiException(Problem!);
}
