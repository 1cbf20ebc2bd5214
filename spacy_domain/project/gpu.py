"""The GPU that the var gpu_id asks for."""

from .errors import Place, ProjectError


def use_gpu(gpu_id: int) -> None:
    """Have this process compute on a GPU.

    gpu_id (int): Its number; for -1, the CPU, there is nothing to do.
    RAISES (ProjectError): If it cannot be used.
    """
    if gpu_id < 0:
        return
    from thinc.api import require_gpu  # takes a second to import

    try:
        require_gpu(gpu_id)
    except (ValueError, RuntimeError, AssertionError) as error:  # thinc's, CUDA's and PyTorch's
        raise ProjectError(
            f"GPU {gpu_id} cannot be used",
            "Set --vars.gpu_id=-1 to use the CPU, or install what a GPU takes: https://spacy.io/usage#gpu",
            [Place("project.yml", None, f"vars.gpu_id is {gpu_id}", str(error).strip().partition("\n")[0])],
        ) from None
